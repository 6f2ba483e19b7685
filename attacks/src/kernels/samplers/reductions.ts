import type { KernelCase, Sampler } from '../KernelCase.js';
import type { Sample } from '../Sample.js';

/** Rounding of a sum in blocks of at most 32 additions to a lane, relative to the sum of the terms' sizes. */
const rounding = 12 * 2 ** -24;

/** Reduces the middle axis of `[outer, length, inner]`. */
function reduce(
  sample: Sample,
  task: string,
  { outer, length, inner }: { readonly outer: number; readonly length: number; readonly inner: number },
): KernelCase {
  const [sum, whole] = [task.startsWith('sum'), task.endsWith('I32')];
  const total = outer * length * inner;
  const data = whole
    ? sample.anyIntegers(total)
    : sum
      ? sample.floats(total, 2 ** sample.random.whole(-10, 60))
      : sample.anyFloats(total);
  // A sum keeps infinities and NaN.
  if (sum && !whole && total > 0 && sample.chance(0.1))
    data[sample.random.whole(0, total)] = sample.random.pick([Infinity, -Infinity, Number.NaN]);
  const x = sample.input('x', data);
  const values = new Float64Array(outer * inner);
  const sizes = new Float64Array(outer * inner);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const at = o * inner + i;
      values[at] = sum ? 0 : whole ? -(2 ** 31) : -Infinity;
      for (let l = 0; l < length; l++) {
        const value = data[(o * length + l) * inner + i]!;
        if (!sum) values[at] = Math.max(values[at], value);
        else values[at] = whole ? (values[at] + value) | 0 : values[at] + value;
        sizes[at]! += Math.abs(value);
      }
    }
  const out = whole
    ? sample.integerOutput('out', values)
    : sample.output('out', values, (at) => (sum ? sizes[at]! * rounding : 0));
  const words = task.includes('Rows') ? [x, out, outer, length] : [x, out, outer, length, inner];
  return { title: `of [${outer}, ${length}, ${inner}]`, blocks: [x, out], steps: [{ task, words }] };
}

const rows =
  (task: string): Sampler =>
  (sample) =>
    reduce(sample, task, { outer: sample.length(20), length: sample.length(1500), inner: 1 });

const columns =
  (task: string): Sampler =>
  (sample) =>
    reduce(sample, task, { outer: sample.length(5), length: sample.length(200), inner: sample.length(70) });

/** Squares of one tensor, and the root of the sum of all blocks. */
function norm(sample: Sample): KernelCase {
  const total = sample.length(20_000);
  const data = sample.floats(total, 2 ** sample.random.whole(-60, 60));
  const x = sample.input('x', data);
  const blocks = Math.ceil(total / 4096);
  const squares = Array.from({ length: blocks }, (_, block) =>
    data.subarray(block * 4096, (block + 1) * 4096).reduce((sum, value) => sum + value ** 2, 0),
  );
  const sums = sample.output('sums', squares, (at) => squares[at]! * 1e-12, new Float64Array(blocks).fill(Number.NaN));
  const root = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
  const out = sample.output('out', [root], () => root * 2 ** -23);
  return {
    title: `of ${total}`,
    blocks: [x, sums, out],
    steps: [
      { task: 'normSquares', words: [x, sums, total] },
      { task: 'normRoot', words: [sums, out, blocks] },
    ],
  };
}

const named = (make: (task: string) => Sampler, place: string): [string, Sampler][] =>
  ['sum', 'max']
    .flatMap((of) => ['F32', 'I32'].map((type) => `${of}${place}${type}`))
    .map((task) => [task, make(task)]);

/** Kernels that reduce an axis, or all. */
export const reductions: Readonly<Record<string, Sampler>> = {
  ...Object.fromEntries([...named(rows, 'Rows'), ...named(columns, 'Columns')]),
  norm,
};
