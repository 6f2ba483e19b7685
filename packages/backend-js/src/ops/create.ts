import { sizeOf, type DType, type Shape, type TypedArray } from '@tempograd/core/backend';
import type { JsHandle, JsOperand, Memory } from '../memory.js';

export function write(memory: Memory, data: TypedArray, shape: Shape, dtype: DType): JsHandle {
  const result = memory.allocate(dtype, sizeOf(shape));
  result.data.set(data);
  return result;
}

export function fill(memory: Memory, shape: Shape, value: number, dtype: DType): JsHandle {
  const result = memory.allocate(dtype, sizeOf(shape));
  result.data.fill(value);
  return result;
}

/** Float to i32 truncates, saturates at the ends of the range and takes NaN to 0. */
export function cast(memory: Memory, x: JsOperand, dtype: DType): JsHandle {
  const source = memory.data(x);
  const result = memory.allocate(dtype, source.length);
  if (dtype !== 'i32') {
    result.data.set(source);
    return result;
  }
  for (let i = 0; i < source.length; i++) {
    result.data[i] = Math.min(Math.max(source[i]!, -(2 ** 31)), 2 ** 31 - 1);
  }
  return result;
}
