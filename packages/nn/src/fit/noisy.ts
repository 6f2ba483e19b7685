import {
  add,
  ArgumentError,
  foldIn,
  keep,
  mul,
  normal,
  scope,
  treeMap,
  type FloatDType,
  type Key,
  type Tensor,
} from '@tempograd/core';

/** A tree with `deviation · N(0, 1)` added to each number, drawn by `key`; owned by the caller, outside every scope. */
export function noisy<T>(tree: T, deviation: number, key: Key): T {
  let leaf = 0;
  const draw = (x: Tensor): Tensor => {
    const options = { dtype: x.dtype as FloatDType, backend: x.backend };
    return add(x, mul(normal(foldIn(key, leaf++), x.shape, options), deviation));
  };
  return scope(() => keep(treeMap(tree, draw)));
}

/** @throws ArgumentError unless noise can have that deviation. */
export function checkDeviation(name: string, deviation: number): void {
  if (typeof deviation === 'number' && deviation >= 0 && Number.isFinite(deviation)) return;
  throw new ArgumentError(`fit: ${name} is a deviation and must be a finite number ≥ 0, but is ${String(deviation)}.`);
}
