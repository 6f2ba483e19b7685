/** Element types a tensor can have: `f32` for training, `f64` for proofs, `i32` for indices, targets and masks. */
export type DType = 'f32' | 'f64' | 'i32';

/** All element types. */
export const dtypes: readonly DType[] = ['f32', 'f64', 'i32'];

/** Floating-point element types: the ones that have gradients. */
export type FloatDType = 'f32' | 'f64';

/** The host array that holds elements of each type. */
export interface DTypeArrays {
  f32: Float32Array;
  f64: Float64Array;
  i32: Int32Array;
}

/** Any host array a tensor can be written from or read into. */
export type TypedArray = DTypeArrays[DType];

const constructors = { f32: Float32Array, f64: Float64Array, i32: Int32Array } as const;

/** Bytes of one element. */
export function bytesPerElement(dtype: DType): 4 | 8 {
  return dtype === 'f64' ? 8 : 4;
}

/** A new zero-filled host array of `size` elements. */
export function makeTypedArray<D extends DType>(dtype: D, size: number): DTypeArrays[D] {
  return new constructors[dtype](size) as DTypeArrays[D];
}

/** `data` as the host array of `dtype`: the same array where the type already fits, else a converted copy. */
export function toTypedArray<D extends DType>(data: ArrayLike<number>, dtype: D): DTypeArrays[D] {
  const constructor = constructors[dtype];
  return (data instanceof constructor ? data : constructor.from(data)) as DTypeArrays[D];
}

/** Whether the type has gradients. */
export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype !== 'i32';
}
