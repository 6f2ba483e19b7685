import { broadcastShapes, broadcastStrides, operandsDType, sizeOf, type CompareOp } from '@tempograd/core/backend';
import type { JsHandle, JsOperand, JsOperandOrNumber, Memory } from '../memory.js';
import { broadcastPair, type BinaryLoop } from './binary.js';
import { forEachRun, planRuns } from './runs.js';

const loops: Readonly<Record<CompareOp, BinaryLoop>> = {
  equal: (a, i, di, b, j, dj, y, o, n) => { for (const end = o + n; o < end; o++, i += di, j += dj) y[o] = a[i]! === b[j]! ? 1 : 0; },
  less: (a, i, di, b, j, dj, y, o, n) => { for (const end = o + n; o < end; o++, i += di, j += dj) y[o] = a[i]! < b[j]! ? 1 : 0; },
  lessEqual: (a, i, di, b, j, dj, y, o, n) => { for (const end = o + n; o < end; o++, i += di, j += dj) y[o] = a[i]! <= b[j]! ? 1 : 0; },
}; // prettier-ignore

export function compare(memory: Memory, op: CompareOp, a: JsOperandOrNumber, b: JsOperandOrNumber): JsHandle {
  return broadcastPair(memory, loops[op], op, a, b, 'i32');
}

export function select(memory: Memory, condition: JsOperand, a: JsOperandOrNumber, b: JsOperandOrNumber): JsHandle {
  const dtype = operandsDType(a, b);
  const { data: dataA, shape: shapeA } = memory.elements(a, dtype);
  const { data: dataB, shape: shapeB } = memory.elements(b, dtype);
  const shape = broadcastShapes(condition.shape, broadcastShapes(shapeA, shapeB, 'select'), 'select');
  const test = memory.ints(condition);
  const result = memory.allocate(dtype, sizeOf(shape));
  const y = result.data;
  const runs = planRuns(
    shape,
    [condition.shape, shapeA, shapeB].map((x) => broadcastStrides(x, shape)),
  );
  const [stepC, stepA, stepB] = runs.steps;
  forEachRun(runs, [0, 0, 0], ([c, i, j], o) => {
    for (let e = 0; e < runs.length; e++) {
      y[o + e] = test[c! + e * stepC!] !== 0 ? dataA[i! + e * stepA!]! : dataB[j! + e * stepB!]!;
    }
  });
  return result;
}
