import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import { placeOf } from '../memory/Place.js';
import type { Place } from '../memory/Place.js';
import { enqueueReduction } from '../reduce/enqueueReduction.js';
import type { Reduction } from '../reduce/enqueueReduction.js';
import addRunsCode from './addRuns.wgsl.js';
import rankRowsCode from './rankRows.wgsl.js';
import scatterFewCode from './scatterFew.wgsl.js';
import scatterScanCode from './scatterScan.wgsl.js';

const types = [{ T: 'f32' }, { T: 'i32' }] as const;

export const scatterFewKernel: Kernel = {
  name: 'scatterFew',
  code: scatterFewCode,
  bindings: ['read', 'read', 'write'],
  types,
};
export const scatterScanKernel: Kernel = {
  name: 'scatterScan',
  code: scatterScanCode,
  bindings: ['read', 'read', 'write'],
  types,
};
export const rankRowsKernel: Kernel = { name: 'rankRows', code: rankRowsCode, bindings: ['read', 'write', 'write'] };
export const addRunsKernel: Kernel = {
  name: 'addRuns',
  code: addRunsCode,
  bindings: ['read', 'read', 'read', 'read', 'write'],
  types,
};

/** Sizes of a scatter: `count` updates of `width` elements into `rows` rows. */
export interface ScatterForm {
  readonly rows: number;
  readonly count: number;
  readonly width: number;
}

/** What is added up, and how parts of it are. */
interface Sum {
  readonly dtype: 'f32' | 'i32';
  readonly reduction: Reduction;
}

const sumOf: Readonly<Record<'f32' | 'i32', Sum>> = {
  f32: { dtype: 'f32', reduction: 'sumF32' },
  i32: { dtype: 'i32', reduction: 'sumI32' },
};

const threads = 256;
/** Most indices that every thread looks through, one for each element of the result. */
const fewIndices = 256;
/** Most elements of a result that is made so. */
const fewElements = 2 ** 20;
/** Indices that a workgroup of scatterScan looks at in one go. */
const searched = 2048;
/** Most rows, times workgroups for a row's columns, that look through all indices each; with more, sorting costs less. */
const fewRows = 4096;
/** Most elements of partial sums. */
const mostPartial = 2 ** 22;
/** Indices that are sorted together, each compared with each. */
const sortedTogether = 8192;

/**
 * Adds `updates [count, width]` up into `[rows, width]` at `out`, every element of which is written; an index outside adds nothing.
 * Updates of one row are added in an order that follows from sizes and indices alone, so equal inputs give equal bits.
 */
export function enqueueScatterAdd(
  gpu: Gpu,
  indices: Place,
  updates: Place,
  { rows, count, width }: ScatterForm,
  out: Place,
  dtype: 'f32' | 'i32' = 'f32',
): void {
  if (rows * width === 0) return;
  const few = count <= fewIndices && rows * width <= fewElements;
  const enqueue = few ? lookThrough : rows * Math.ceil(width / threads) <= fewRows ? scan : sortAndAdd;
  enqueue(gpu, indices, updates, { rows, count, width }, out, sumOf[dtype]);
}

/** For few indices. */
function lookThrough(
  gpu: Gpu,
  indices: Place,
  updates: Place,
  { rows, count, width }: ScatterForm,
  out: Place,
  { dtype }: Sum,
): void {
  const size = rows * width;
  gpu.begin().ints(width, count, size, indices.start, updates.start, out.start);
  const buffers = [indices.buffer, updates.buffer, out.buffer];
  gpu.runLinear(scatterFewKernel, dtype, () => ({ types: { T: dtype } }), buffers, Math.ceil(size / threads));
}

/** For few rows: every row looks through all indices. */
function scan(
  gpu: Gpu,
  indices: Place,
  updates: Place,
  { rows, count, width }: ScatterForm,
  out: Place,
  sum: Sum,
): void {
  const most = Math.max(1, Math.min(32, Math.floor(mostPartial / (rows * width))));
  const chunk = Math.max(1, Math.ceil(count / searched / most)) * searched;
  const parts = Math.max(1, Math.ceil(count / chunk));
  const columns = [4, 16, 64, 128].find((some) => some >= width) ?? threads;
  const tiles = Math.ceil(width / columns);
  const partial = parts > 1 ? gpu.allocate([parts, rows, width], sum.dtype) : null;
  const to = partial === null ? out : placeOf(partial);
  const groups = rows * tiles * parts;
  gpu.begin().ints(rows, width, count, tiles, chunk, groups, indices.start, updates.start, to.start);
  const variant = () => ({ constants: { COLUMNS: columns }, types: { T: sum.dtype } });
  const buffers = [indices.buffer, updates.buffer, to.buffer];
  gpu.runLinear(scatterScanKernel, `${sum.dtype} ${columns}`, variant, buffers, groups);
  if (partial === null) return;
  enqueueReduction(gpu, sum.reduction, to, { outer: 1, length: parts, inner: rows * width }, out);
  gpu.heap.release(partial);
}

/** For many rows: stretches of the indices are sorted, so that each row is written once a stretch, and only rows that are named. */
function sortAndAdd(
  gpu: Gpu,
  indices: Place,
  updates: Place,
  { rows, count, width }: ScatterForm,
  out: Place,
  sum: Sum,
): void {
  const most = Math.min(count, sortedTogether);
  const order = gpu.allocate([most], 'i32');
  const runs = gpu.allocate([most], 'i32');
  const sorted = [placeOf(order).buffer, placeOf(runs).buffer] as const;
  // The sums of nothing are zeros.
  enqueueReduction(gpu, sum.reduction, updates, { outer: rows * width, length: 0, inner: 1 }, out);
  for (let from = 0; from < count; from += most) {
    const together = Math.min(most, count - from);
    gpu.begin().ints(rows, from, together, indices.start);
    gpu.commands.run(rankRowsKernel, '', null, [indices.buffer, ...sorted], Math.ceil(together / threads));
    const size = together * width;
    gpu.begin().ints(width, size, indices.start, updates.start, out.start);
    const variant = () => ({ types: { T: sum.dtype } });
    const buffers = [indices.buffer, updates.buffer, ...sorted, out.buffer];
    gpu.runLinear(addRunsKernel, sum.dtype, variant, buffers, Math.ceil(size / threads));
  }
  gpu.heap.release(order);
  gpu.heap.release(runs);
}
