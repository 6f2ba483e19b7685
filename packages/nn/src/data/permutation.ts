import { uniformValues, type Key } from '@tempograd/core';

/** The numbers from 0 up to, but without, `count` in an order drawn by Fisher and Yates. */
export function permutation(key: Key, count: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  const draws = uniformValues(key, count);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor((draws[last] as number) * (last + 1));
    [order[last], order[other]] = [order[other] as number, order[last] as number];
  }
  return order;
}
