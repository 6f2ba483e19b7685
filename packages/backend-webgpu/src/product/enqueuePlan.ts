import type { Gpu } from '../engine/Gpu.js';
import type { PooledBuffer } from '../memory/Handle.js';
import { storageOf } from '../memory/Handle.js';
import type { BatchAxis } from './batchAxes.js';
import type { Plan } from './plan.js';

/** One of the factors: where it begins, and how far apart its rows (of b: columns) and its steps along k lie, in elements. */
export interface Factor {
  readonly buffer: PooledBuffer;
  readonly start: number;
  readonly line: number;
  readonly step: number;
}

/** Products with everything said. */
export interface Problem {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Of the batch, outermost first: none of length 0 or 1. */
  readonly axes: readonly BatchAxis[];
  readonly a: Factor;
  readonly b: Factor;
  readonly out: { readonly buffer: PooledBuffer; readonly start: number; readonly row: number };
  /** Whether `out + product` takes the place of out. */
  readonly accumulate: boolean;
  readonly bias: { readonly buffer: PooledBuffer; readonly start: number } | null;
}

/** Enqueues the one or two dispatches of a plan for `count` products. */
export function enqueuePlan(gpu: Gpu, problem: Problem, count: number, plan: Plan): void {
  const { product, second, groups } = plan;
  const { m, n, a, b, out } = problem;
  const bias = problem.bias?.buffer ?? b.buffer;
  const [left, right] = plan.exchanged ? [b.buffer, a.buffer] : [a.buffer, b.buffer];
  const sums = second === null ? null : gpu.allocate([Math.max(1, plan.pieces) * count * m * n], 'f32');
  const target = sums === null ? out.buffer : storageOf(sums).buffer;
  if (product !== null) {
    writeParams(gpu, problem, count, plan, sums !== null);
    gpu.runLinear(product.kernel, product.key, product.variant, [left, right, bias, target], groups);
  }
  if (second === null || sums === null) return;
  writeParams(gpu, problem, count, { ...plan, exchanged: false }, false);
  const all = Math.ceil((count * m * n) / 256);
  gpu.runLinear(second.kernel, second.key, second.variant, [target, bias, out.buffer], all);
  gpu.heap.release(sums);
}

/** Begins a dispatch with the parameters of problem.wgsl; with `apart` the result is `[pieces, …batch, m, n]`. */
function writeParams(gpu: Gpu, problem: Problem, count: number, plan: Plan, apart: boolean): void {
  const { m, n, k, axes, a, b, out, bias } = problem;
  const { exchanged, pieces, pieceLength } = plan;
  const [left, right, high, wide] = exchanged ? [b, a, n, m] : [a, b, m, n];
  const row = apart ? n : out.row;
  const params = gpu.begin().ints(high, wide, k, count);
  params.ints(left.start, left.line, left.step, right.start, right.line, right.step);
  params.ints(apart ? 0 : out.start, exchanged ? 1 : row, exchanged ? row : 1, bias?.start ?? 0);
  // Of problem.wgsl. What the second dispatch does, the first leaves to it.
  const flags =
    (left.step === 1 ? 1 : 0) +
    (right.step === 1 ? 2 : 0) +
    (bias !== null && !apart ? 4 : 0) +
    (problem.accumulate && !apart ? 8 : 0) +
    (exchanged ? 16 : 0);
  params.ints(pieces, pieceLength, count * m * n, flags).align();
  let size = m * n;
  for (let i = axes.length - 1; i >= 0; i--) {
    const axis = axes[i] as BatchAxis;
    params.ints(axis.length, exchanged ? axis.b : axis.a, exchanged ? axis.a : axis.b, apart ? size : axis.out);
    size *= axis.length;
  }
}
