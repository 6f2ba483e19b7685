import { sizeOf } from '@tempograd/core/backend';
import type { JsHandle, JsOperand, Memory } from '../memory.js';

export function gather(memory: Memory, x: JsOperand, indices: JsOperand): JsHandle {
  const source = memory.data(x);
  const index = memory.ints(indices);
  const rows = x.shape[0]!;
  const width = sizeOf(x.shape.slice(1));
  const result = memory.allocate(x.dtype, index.length * width);
  const y = result.data;
  const outside = x.dtype === 'i32' ? 0 : NaN;
  for (let n = 0, o = 0; n < index.length; n++, o += width) {
    const row = index[n]!;
    if (row < 0 || row >= rows) y.fill(outside, o, o + width);
    else for (let j = 0, i = row * width; j < width; j++) y[o + j] = source[i + j]!;
  }
  return result;
}

export function scatterAdd(memory: Memory, indices: JsOperand, updates: JsOperand, rows: number): JsHandle {
  const index = memory.ints(indices);
  const source = memory.data(updates);
  const width = sizeOf(updates.shape.slice(indices.shape.length));
  const result = memory.zeros(updates.dtype, rows * width);
  const y = result.data;
  for (let n = 0, i = 0; n < index.length; n++, i += width) {
    const row = index[n]!;
    if (row < 0 || row >= rows) continue;
    for (let j = 0, o = row * width; j < width; j++) y[o + j]! += source[i + j]!;
  }
  return result;
}
