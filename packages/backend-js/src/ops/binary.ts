import {
  broadcastShapes,
  broadcastStrides,
  operandsDType,
  sizeOf,
  type BinaryOp,
  type DType,
  type TypedArray,
} from '@tempograd/core/backend';
import type { JsHandle, JsOperandOrNumber, Memory } from '../memory.js';
import { forEachRun, planRuns } from './runs.js';

/** `y[o …] = a[i, i + di, …] ∘ b[j, j + dj, …]`, n elements. */
export type BinaryLoop = (
  a: TypedArray, i: number, di: number,
  b: TypedArray, j: number, dj: number,
  y: TypedArray, o: number, n: number,
) => void; // prettier-ignore

const loops: Readonly<Record<BinaryOp, BinaryLoop>> = {
  add: (a, i, di, b, j, dj, y, o, n) => { for (const end = o + n; o < end; o++, i += di, j += dj) y[o] = a[i]! + b[j]!; },
  sub: (a, i, di, b, j, dj, y, o, n) => { for (const end = o + n; o < end; o++, i += di, j += dj) y[o] = a[i]! - b[j]!; },
  mul: (a, i, di, b, j, dj, y, o, n) => { for (const end = o + n; o < end; o++, i += di, j += dj) y[o] = a[i]! * b[j]!; },
  div: (a, i, di, b, j, dj, y, o, n) => { for (const end = o + n; o < end; o++, i += di, j += dj) y[o] = a[i]! / b[j]!; },
  pow: (a, i, di, b, j, dj, y, o, n) => { for (const end = o + n; o < end; o++, i += di, j += dj) y[o] = a[i]! ** b[j]!; },
  maximum: (a, i, di, b, j, dj, y, o, n) => { for (const end = o + n; o < end; o++, i += di, j += dj) y[o] = Math.max(a[i]!, b[j]!); },
  minimum: (a, i, di, b, j, dj, y, o, n) => { for (const end = o + n; o < end; o++, i += di, j += dj) y[o] = Math.min(a[i]!, b[j]!); },
}; // prettier-ignore

/** A product of two i32 can exceed the integers a JavaScript number holds. */
const integerMul: BinaryLoop = (a, i, di, b, j, dj, y, o, n) => {
  for (const end = o + n; o < end; o++, i += di, j += dj) y[o] = Math.imul(a[i]!, b[j]!);
};

export function binary(memory: Memory, op: BinaryOp, a: JsOperandOrNumber, b: JsOperandOrNumber): JsHandle {
  const dtype = operandsDType(a, b);
  const loop = op === 'mul' && dtype === 'i32' ? integerMul : loops[op];
  return broadcastPair(memory, loop, op, a, b, dtype);
}

/** Runs a loop over two operands broadcast together. */
export function broadcastPair(
  memory: Memory,
  loop: BinaryLoop,
  op: string,
  a: JsOperandOrNumber,
  b: JsOperandOrNumber,
  dtype: DType,
): JsHandle {
  const operands = operandsDType(a, b);
  const { data: dataA, shape: shapeA } = memory.elements(a, operands);
  const { data: dataB, shape: shapeB } = memory.elements(b, operands);
  const shape = broadcastShapes(shapeA, shapeB, op);
  const result = memory.allocate(dtype, sizeOf(shape));
  const runs = planRuns(shape, [broadcastStrides(shapeA, shape), broadcastStrides(shapeB, shape)]);
  const [stepA, stepB] = runs.steps;
  forEachRun(runs, [0, 0], (at, o) => loop(dataA, at[0]!, stepA!, dataB, at[1]!, stepB!, result.data, o, runs.length));
  return result;
}
