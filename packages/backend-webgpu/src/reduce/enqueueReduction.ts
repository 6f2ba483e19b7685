import type { Gpu } from '../engine/Gpu.js';
import type { Kernel, Variant } from '../engine/Kernel.js';
import { placeOf } from '../memory/Place.js';
import type { Place } from '../memory/Place.js';
import code from './reduce.wgsl.js';

/** `T` is open: what is added up, or compared. */
export const reduceKernel: Kernel = {
  name: 'reduce',
  code,
  bindings: ['read', 'write'],
  types: [{ T: 'f32' }, { T: 'i32' }],
};

/** A reduction in its plain form: over the middle axis of `[outer, length, inner]`. */
export interface ReductionForm {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  /** Elements from one place along the middle axis to the next. Default is `inner`. */
  readonly stride?: number;
}

/** Columns to be summed up: of `x`, f32 `[rows, columns]`, whose rows lie `stride` apart, by default close together. */
export interface ColumnSums {
  readonly rows: number;
  readonly columns: number;
  readonly x: Place & { readonly stride?: number };
  /** `[columns]`. */
  readonly out: Place;
  /** Adds to what is there. Default false. */
  readonly accumulate?: boolean;
}

/** What is folded, by dtype. */
export type Reduction = 'sumF32' | 'sumI32' | 'maxF32' | 'maxI32';

const variants: Readonly<Record<Reduction, Variant>> = {
  sumF32: { types: { T: 'f32' } },
  sumI32: { types: { T: 'i32' } },
  // The order of −∞; see math/order.wgsl.
  maxF32: { types: { T: 'i32' }, constants: { MAXIMUM: 1, ORDERED: 1, EMPTY: 0x807fffff | 0 } },
  maxI32: { types: { T: 'i32' }, constants: { MAXIMUM: 1, EMPTY: -(2 ** 31) } },
};

/** Threads of a workgroup. */
const threads = 256;
/** Workgroups that keep a large GPU busy. */
const enoughGroups = 1024;
/** Elements of one thread worth a second pass when there are too few workgroups. */
const worthSplitting = 16;

/**
 * Folds `[outer, length, inner]` into `[outer, inner]` at `out`; where there are few results and much to fold, in two passes.
 * An empty axis gives 0, or the least number. With `accumulate` a sum is added to what is there.
 * The order of a sum follows from the sizes alone, so equal inputs give equal bits.
 */
export function enqueueReduction(
  gpu: Gpu,
  op: Reduction,
  x: Place,
  form: ReductionForm,
  out: Place,
  accumulate = false,
): void {
  const { outer, length, inner } = form;
  const results = outer * inner;
  if (results === 0) return;
  const lanes = lanesFor(form);
  const groups = Math.ceil(results / (threads / lanes));
  const split = Math.min(Math.floor(enoughGroups / groups), Math.floor(length / lanes / worthSplitting));
  if (split < 2) return fold(gpu, op, x, form, out, lanes, 1, accumulate);
  const chunk = Math.ceil(length / split);
  const parts = Math.ceil(length / chunk);
  const partial = gpu.allocate([outer, parts, inner], op.endsWith('F32') ? 'f32' : 'i32');
  const middle = placeOf(partial);
  fold(gpu, op, x, form, middle, lanes, parts, false);
  enqueueReduction(gpu, op, middle, { outer, length: parts, inner }, out, accumulate);
  gpu.heap.release(partial);
}

/** Enqueues sums of columns: of no rows, zeros. */
export function enqueueColumnSums(gpu: Gpu, { rows, columns, x, out, accumulate = false }: ColumnSums): void {
  const form = { outer: 1, length: rows, inner: columns, stride: x.stride ?? columns };
  enqueueReduction(gpu, 'sumF32', x, form, out, accumulate);
}

/** Threads that share a result: as many as have work, as long as neighbours read what lies together; few choices, to compile few shaders. */
function lanesFor({ length, inner }: ReductionForm): number {
  const choices = inner === 1 ? [1, 4, 16, 64] : inner <= 4 ? [1, 8, 64] : [1, 8];
  return choices.find((lanes) => lanes * 8 >= length) ?? (inner === 1 ? threads : (choices.at(-1) as number));
}

function fold(
  gpu: Gpu,
  op: Reduction,
  x: Place,
  { outer, length, inner, stride = inner }: ReductionForm,
  out: Place,
  lanes: number,
  parts: number,
  accumulate: boolean,
): void {
  const results = outer * parts * inner;
  const across = inner > 1;
  const chunk = Math.ceil(length / parts);
  gpu.begin().ints(results, length, inner, stride, parts, chunk, x.start, out.start, accumulate ? 1 : 0);
  const variant = (): Variant => {
    const { constants, types } = variants[op];
    return { types: types ?? {}, constants: { ...constants, LANES: lanes, ACROSS: across ? 1 : 0 } };
  };
  const key = `${op} ${lanes}${across ? ' across' : ''}`;
  gpu.runLinear(reduceKernel, key, variant, [x.buffer, out.buffer], Math.ceil(results / (threads / lanes)));
}
