import { broadcastShapes, broadcastStrides, sizeOf, type Shape } from '@tempograd/core/backend';
import type { JsHandle, JsOperand, Memory } from '../memory.js';
import { multiply } from '../product/multiply.js';
import type { MatrixView } from '../product/pack.js';
import type { Workspace } from '../workspace.js';
import { forEachRun, planRuns } from './runs.js';

export function matmul(
  memory: Memory,
  workspace: Workspace,
  a: JsOperand,
  b: JsOperand,
  transposeA: boolean,
  transposeB: boolean,
): JsHandle {
  const [m, k] = matrixShape(a.shape, transposeA);
  const [, n] = matrixShape(b.shape, transposeB);
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const batch = broadcastShapes(batchA, batchB, 'matmul');
  const matrixA = matrixView(memory, a, transposeA);
  const matrixB = matrixView(memory, b, transposeB);
  const result = memory.allocate(a.dtype, sizeOf(batch) * m * n);

  // One matrix b under many of a: all rows of a make one tall product, and b is packed once.
  if (!transposeA && sizeOf(batchB) === 1) {
    multiply(workspace, matrixA, matrixB, { m: sizeOf(batch) * m, n, k }, result.data);
    return result;
  }
  const runs = planRuns(batch, [broadcastStrides(batchA, batch), broadcastStrides(batchB, batch)]);
  forEachRun(runs, [0, 0], ([i, j], o) => {
    for (let e = 0; e < runs.length; e++) {
      const viewA = { ...matrixA, offset: (i! + e * runs.steps[0]!) * m * k };
      const viewB = { ...matrixB, offset: (j! + e * runs.steps[1]!) * k * n };
      multiply(workspace, viewA, viewB, { m, n, k }, result.data, (o + e) * m * n);
    }
  });
  return result;
}

/** Rows and columns of an operand as the product uses it. */
function matrixShape(shape: Shape, transposed: boolean): [rows: number, columns: number] {
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
  return transposed ? [columns, rows] : [rows, columns];
}

function matrixView(memory: Memory, x: JsOperand, transposed: boolean): MatrixView {
  const width = x.shape.at(-1)!;
  const data = memory.data(x);
  return transposed
    ? { data, offset: 0, rowStride: 1, columnStride: width }
    : { data, offset: 0, rowStride: width, columnStride: 1 };
}
