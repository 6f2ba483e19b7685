import { fromArray, key, uniformValues, type Tensor } from '@tempograd/core';
import { sizeOf } from '@tempograd/core/backend';

/** Numbers that look random, in [−2, 2), as f32. */
export function numbers(seed: number, shape: readonly number[]): Tensor {
  const values = uniformValues(key(seed), sizeOf(shape));
  return fromArray(
    Float32Array.from(values, (value) => 4 * value - 2),
    shape,
  );
}
