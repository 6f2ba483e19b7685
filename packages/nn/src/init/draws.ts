import { uniformValues, type Key, type Shape } from '@tempograd/core';
import { sizeOf } from '@tempograd/core/backend';

/** Uniform numbers of `[−bound, bound)` on the host. */
export function uniformWithin(key: Key, shape: Shape, bound: number): Float64Array {
  return uniformValues(key, sizeOf(shape)).map((value) => (2 * value - 1) * bound);
}

/** Normal numbers of mean 0 on the host, by Box and Muller. */
export function normalWith(key: Key, shape: Shape, deviation: number): Float64Array {
  const size = sizeOf(shape);
  const values = uniformValues(key, 2 * size);
  return Float64Array.from({ length: size }, (_, index) => {
    // 1 − u lies in (0, 1], so that the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - (values[2 * index] as number)));
    return deviation * radius * Math.cos(2 * Math.PI * (values[2 * index + 1] as number));
  });
}
