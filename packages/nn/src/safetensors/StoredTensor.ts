import type { DType, Shape, Tensor, TypedArray } from '@tempograd/core';
import { treeEntries } from '@tempograd/core';

/** A tensor's values on the host, as they stand in a file. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Row-major. */
  readonly data: TypedArray;
}

/** What a tensor is, without its values; a tensor is one too. */
export type TensorSpec = Pick<StoredTensor, 'dtype' | 'shape'>;

/** What a safetensors file holds. */
export interface SafetensorsFile {
  /** By name, in the order of the header. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads every tensor of a tree back to the host, by its path, ready for `writeSafetensors`. */
export async function readTree(tree: unknown): Promise<Map<string, StoredTensor>> {
  const store = async ([name, tensor]: [string, Tensor]): Promise<[string, StoredTensor]> => [
    name,
    { dtype: tensor.dtype, shape: [...tensor.shape], data: await tensor.read() },
  ];
  return new Map(await Promise.all(treeEntries(tree).map(store)));
}
