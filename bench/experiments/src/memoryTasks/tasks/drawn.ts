import { foldIn, key, uniformValues } from '@tempograd/core';

/** Sequences without end, each made of `count` random numbers of [0, 1) of its own. */
export function* drawn<X>(seed: number, count: number, make: (numbers: Float64Array) => X): Generator<X, never, void> {
  const source = key(seed);
  for (let index = 0; ; index++) yield make(uniformValues(foldIn(source, index), count));
}
