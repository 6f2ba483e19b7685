import type { DType, TypedArray } from '@tempograd/core';
import { makeTypedArray } from '@tempograd/core/backend';
import { SafetensorsError } from './SafetensorsError.js';

/** An element type of the format: its bytes, what it becomes here, and how one element is read, little-endian. */
interface ElementFormat {
  readonly bytes: number;
  readonly dtype: DType;
  readonly get: (view: DataView, at: number) => number;
}

/** F16 and BF16 become f32, which holds each of their values; I64 becomes i32, and a number that does not fit is an error. */
const formats: Readonly<Record<string, ElementFormat>> = {
  F64: { bytes: 8, dtype: 'f64', get: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, dtype: 'f32', get: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, dtype: 'f32', get: (view, at) => fromHalf(view.getUint16(at, true)) },
  BF16: { bytes: 2, dtype: 'f32', get: (view, at) => fromBrainFloat(view.getUint16(at, true)) },
  I64: { bytes: 8, dtype: 'i32', get: (view, at) => toI32(view.getBigInt64(at, true)) },
  I32: { bytes: 4, dtype: 'i32', get: (view, at) => view.getInt32(at, true) },
};

/** Names of the element types that can be read. */
export const readableFormats: readonly string[] = Object.keys(formats);

/** Names of our element types in the format. */
export const formatOf: Readonly<Record<DType, string>> = { f64: 'F64', f32: 'F32', i32: 'I32' };

/** Bytes of one element, or null for a type that cannot be read. */
export function bytesOfFormat(name: string): number | null {
  return Object.hasOwn(formats, name) ? (formats[name] as ElementFormat).bytes : null;
}

/** `count` elements that begin at `from`, copied. */
export function readElements(
  name: string,
  view: DataView,
  from: number,
  count: number,
): { dtype: DType; data: TypedArray } {
  const { bytes, dtype, get } = formats[name] as ElementFormat;
  const data = makeTypedArray(dtype, count);
  for (let index = 0; index < count; index++) data[index] = get(view, from + index * bytes);
  return { dtype, data };
}

/** Writes elements at `from`. */
export function writeElements(dtype: DType, data: TypedArray, view: DataView, from: number): void {
  for (let index = 0; index < data.length; index++) {
    const value = data[index] as number;
    if (dtype === 'f64') view.setFloat64(from + 8 * index, value, true);
    else if (dtype === 'f32') view.setFloat32(from + 4 * index, value, true);
    else view.setInt32(from + 4 * index, value, true);
  }
}

const scratch = new DataView(new ArrayBuffer(4));

function fromBrainFloat(bits: number): number {
  scratch.setUint32(0, bits * 2 ** 16);
  return scratch.getFloat32(0);
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function toI32(value: bigint): number {
  if (BigInt.asIntN(32, value) !== value) {
    throw new SafetensorsError(
      `the I64 value ${value} does not fit into i32; only values from −2^31 to 2^31 − 1 can be read.`,
    );
  }
  return Number(value);
}
