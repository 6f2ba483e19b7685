import { sizeOf } from '@tempograd/core/backend';
import type { JsHandle, JsOperand, Memory } from '../memory.js';
import { sumRows } from '../ops/reduce.js';
import { multiply } from '../product/multiply.js';
import type { Workspace } from '../workspace.js';

/** `y = x Wᵀ + b`. */
export function linearForward(
  memory: Memory,
  workspace: Workspace,
  x: JsOperand,
  weight: JsOperand,
  bias: JsOperand | null,
): JsHandle {
  const [n, k] = weight.shape as readonly [number, number];
  const m = rowsOf(x);
  const left = { data: memory.data(x), offset: 0, rowStride: k, columnStride: 1 };
  const right = { data: memory.data(weight), offset: 0, rowStride: 1, columnStride: k };
  const biasData = bias === null ? null : memory.data(bias);
  const result = memory.allocate(x.dtype, m * n);
  multiply(workspace, left, right, { m, n, k }, result.data, 0, biasData);
  return result;
}

/** `dx = dy W`, `dW = dyᵀ x`, `db = Σ dy`. */
export function linearBackward(
  memory: Memory,
  workspace: Workspace,
  x: JsOperand,
  weight: JsOperand,
  cotangent: JsOperand,
  wants: { readonly x: boolean; readonly weight: boolean; readonly bias: boolean },
): { x: JsHandle | null; weight: JsHandle | null; bias: JsHandle | null } {
  const [outputs, inputs] = weight.shape as readonly [number, number];
  const rows = rowsOf(x);
  const dy = memory.data(cotangent);
  const dx = wants.x ? memory.allocate(x.dtype, rows * inputs) : null;
  if (dx !== null) {
    const left = { data: dy, offset: 0, rowStride: outputs, columnStride: 1 };
    const right = { data: memory.data(weight), offset: 0, rowStride: inputs, columnStride: 1 };
    multiply(workspace, left, right, { m: rows, n: inputs, k: outputs }, dx.data);
  }
  const dWeight = wants.weight ? memory.allocate(x.dtype, outputs * inputs) : null;
  if (dWeight !== null) {
    const left = { data: dy, offset: 0, rowStride: 1, columnStride: outputs };
    const right = { data: memory.data(x), offset: 0, rowStride: inputs, columnStride: 1 };
    multiply(workspace, left, right, { m: outputs, n: inputs, k: rows }, dWeight.data);
  }
  const dBias = wants.bias ? memory.allocate(x.dtype, outputs) : null;
  if (dBias !== null) {
    const totals = new Float64Array(outputs);
    sumRows(dy, 0, rows, totals);
    dBias.data.set(totals);
  }
  return { x: dx, weight: dWeight, bias: dBias };
}

function rowsOf({ shape }: JsOperand): number {
  return sizeOf(shape.slice(0, -1));
}
