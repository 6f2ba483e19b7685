import { cast, concat, disposeTree, keep, reshape, scope, type FloatDType, type Tensor } from '@tempograd/core';

/**
 * Reads many small tensors of one backend by one transfer, which is asked for at once. They are taken over. Numbers in the order given.
 */
export async function readTensors(tensors: readonly Tensor[], dtype: FloatDType): Promise<Float64Array[]> {
  if (tensors.length === 0) return [];
  const sizes = tensors.map(({ size }) => size);
  let all: Tensor;
  try {
    all = scope(() => keep(concat(tensors.map((tensor) => reshape(cast(tensor, dtype), [-1])))));
  } finally {
    disposeTree(tensors);
  }
  try {
    const numbers = Float64Array.from(await all.read());
    let begin = 0;
    return sizes.map((size) => numbers.subarray(begin, (begin += size)));
  } finally {
    all.dispose();
  }
}
