import type { Block, KernelCase, Sampler } from '../KernelCase.js';
import type { Sample } from '../Sample.js';
import { eachElement, layoutWords, sampleShape, sampleView, start } from './views.js';

function gatherStrided(sample: Sample): KernelCase {
  const shape = sampleShape(sample);
  const stride = (): number => sample.random.pick([1, 1, 0, -1, 2, 3, -5]);
  const view = sampleView(sample, 'x', shape, (length) => sample.anyIntegers(length), stride);
  const values: number[] = [];
  eachElement(shape, [view], ([x]) => values.push(x!));
  const out = sample.integerOutput('out', values);
  const words = [start(view), out, ...layoutWords(shape, [view])];
  return { title: `of [${shape.join(', ')}]`, blocks: [view.block, out], steps: [{ task: 'gatherStrided', words }] };
}

function transpose(sample: Sample): KernelCase {
  const [batch, rows, columns] = [sample.random.whole(0, 4), sample.length(70), sample.length(70)];
  const x = sample.input('x', sample.anyIntegers(batch * rows * columns));
  const values = new Int32Array(x.data.length);
  for (let b = 0; b < batch; b++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) values[(b * columns + c) * rows + r] = x.data[(b * rows + r) * columns + c]!;
  const out = sample.integerOutput('out', values);
  const words = [x, out, batch, rows, columns];
  return { title: `of [${batch}, ${rows}, ${columns}]`, blocks: [x, out], steps: [{ task: 'transpose', words }] };
}

function joinRows(sample: Sample): KernelCase {
  const [rows, length] = [sample.length(40), sample.length(200)];
  const [step, outStep] = [length + sample.random.whole(0, 5), length + sample.random.whole(0, 5)];
  const x = sample.input('x', sample.anyIntegers(rows * step));
  const before = sample.anyIntegers(rows * outStep);
  const after = before.slice();
  for (let row = 0; row < rows; row++) after.set(x.data.subarray(row * step, row * step + length), row * outStep);
  const out = sample.output('out', after, undefined, before);
  const words = [x, out, rows, length * 4, step * 4, outStep * 4];
  return { title: `of ${rows} rows of ${length}`, blocks: [x, out], steps: [{ task: 'joinRows', words }] };
}

/** Row numbers, some of them outside. */
function numbersOfRows(sample: Sample, count: number, rows: number): Int32Array {
  return Int32Array.from({ length: count }, () =>
    sample.chance(0.1)
      ? sample.random.pick([-1, rows, -(2 ** 31), 2 ** 31 - 1])
      : sample.random.whole(0, Math.max(rows, 1)),
  );
}

function gatherRows(sample: Sample): KernelCase {
  const [rows, length, count] = [sample.length(30), sample.length(200), sample.length(40)];
  const x = sample.input('x', sample.anyIntegers(rows * length));
  const indices = sample.input('indices', numbersOfRows(sample, count, rows));
  const outside = sample.anyIntegers(1)[0]!;
  const values = Array.from(indices.data).flatMap((row) =>
    Array.from({ length }, (_, i) => (row >= 0 && row < rows ? x.data[row * length + i]! : outside)),
  );
  const out = sample.integerOutput('out', values);
  const words = [x, indices, out, rows, length, count, outside];
  return {
    title: `of ${count} of ${rows} rows of ${length}`,
    blocks: [x, indices, out],
    steps: [{ task: 'gatherRows', words }],
  };
}

const scatterAdd =
  (type: 'F32' | 'I32'): Sampler =>
  (sample) => {
    const [rows, length, count] = [sample.length(30), sample.length(200), sample.length(40)];
    const data = count * length;
    const x: Block = sample.input('updates', type === 'F32' ? sample.floats(data) : sample.anyIntegers(data));
    const indices = sample.input('indices', numbersOfRows(sample, count, rows));
    const values = type === 'F32' ? new Float32Array(rows * length) : new Int32Array(rows * length);
    indices.data.forEach((row, at) => {
      if (row < 0 || row >= rows) return;
      for (let i = 0; i < length; i++) values[row * length + i]! += x.data[at * length + i]!;
    });
    const out = type === 'F32' ? sample.output('out', values) : sample.integerOutput('out', values);
    return {
      title: `of ${count} into ${rows} rows of ${length}`,
      blocks: [x, indices, out],
      steps: [{ task: `scatterAdd${type}`, words: [x, indices, out, rows, length, count] }],
    };
  };

/** Kernels that move elements. */
export const moves: Readonly<Record<string, Sampler>> = {
  gatherStrided,
  transpose,
  joinRows,
  gatherRows,
  scatterAddF32: scatterAdd('F32'),
  scatterAddI32: scatterAdd('I32'),
};
