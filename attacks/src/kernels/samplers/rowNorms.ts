import type { KernelCase, Sampler } from '../KernelCase.js';
import type { Sample } from '../Sample.js';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const meanSize = (values: readonly number[]): number => sum(values.map(Math.abs)) / values.length;

function softmaxCrossEntropy(sample: Sample): KernelCase {
  const [rows, classes] = [sample.length(20), sample.length(300, 1)];
  const scale = sample.random.pick([0, 1, 30, 1e4]);
  const shift = sample.chance(0.2) ? 1e4 : 0;
  const smoothing = Math.fround(sample.random.pick([0, 0.1, 1]));
  const x = sample.input(
    'logits',
    sample.floats(rows * classes, scale).map((value) => value + shift),
  );
  const targets = Int32Array.from({ length: rows }, () =>
    sample.chance(0.15) ? sample.random.pick([-1, classes, 2 ** 31 - 1]) : sample.random.whole(0, classes),
  );
  const y = sample.input('targets', targets);
  const losses: number[] = [];
  const gradients: number[] = [];
  const spreads: number[] = [];
  targets.forEach((target, row) => {
    const logits = Array.from(x.data.subarray(row * classes, (row + 1) * classes));
    const top = Math.max(...logits);
    const total = sum(logits.map((value) => Math.exp(value - top)));
    const differences = logits.map((value) => value - top);
    spreads.push(1 + meanSize(differences) + Math.abs(differences[target] ?? 0));
    if (target < 0 || target >= classes) {
      losses.push(target < 0 ? 0 : Number.NaN);
      gradients.push(...logits.map(() => losses.at(-1)!));
      return;
    }
    losses.push(Math.log(total) - (1 - smoothing) * differences[target]! - (smoothing * sum(differences)) / classes);
    gradients.push(
      ...differences.map(
        (value, i) => Math.exp(value) / total - (i === target ? 1 - smoothing : 0) - smoothing / classes,
      ),
    );
  });
  const loss = sample.output('loss', losses, (row) => 1e-6 * spreads[row]!);
  const gradient = sample.output('gradient', gradients, () => 1e-6);
  const wanted = sample.chance(0.8);
  return {
    title: `of [${rows}, ${classes}], smoothing ${smoothing}${wanted ? '' : ', no gradient'}`,
    blocks: wanted ? [x, y, loss, gradient] : [x, y, loss],
    steps: [
      { task: 'softmaxCrossEntropy', words: [x, y, loss, wanted ? gradient : 0, rows, classes, { float: smoothing }] },
    ],
  };
}

function layerNorm(sample: Sample): KernelCase {
  const [rows, length] = [sample.length(20), sample.length(600, 1)];
  const [scale, shift] = [sample.random.pick([0, 1, 100]), sample.random.pick([0, 3, 100])];
  const epsilon = Math.fround(1e-5);
  const x = sample.input(
    'x',
    sample.floats(rows * length, scale).map((value) => value + shift),
  );
  const weight = sample.input('weight', sample.floats(length));
  const bias = sample.input('bias', sample.floats(length));
  const [outs, means, rstds, bounds, largest]: number[][] = [[], [], [], [], []];
  for (let row = 0; row < rows; row++) {
    const values = Array.from(x.data.subarray(row * length, (row + 1) * length));
    const mean = sum(values) / length;
    const rstd = 1 / Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / length + epsilon);
    const size = Math.max(...values.map(Math.abs));
    means!.push(mean);
    rstds!.push(rstd);
    largest!.push(size);
    values.forEach((value, i) => {
      const y = (value - mean) * rstd * weight.data[i]!;
      outs!.push(y + bias.data[i]!);
      bounds!.push(2 ** -19 * (size * rstd * Math.abs(weight.data[i]!) + Math.abs(y) + Math.abs(bias.data[i]!)));
    });
  }
  const out = sample.output('out', outs!, (at) => bounds![at]!);
  const mean = sample.output('mean', means!, (row) => 2 ** -21 * largest![row]!);
  // A mean that is off by δ adds δ² to the variance.
  const rstd = sample.output(
    'rstd',
    rstds!,
    (row) => rstds![row]! * (2 ** -19 + (2 ** -21 * largest![row]! * rstds![row]!) ** 2),
  );
  return {
    title: `of [${rows}, ${length}], ±${scale} about ${shift}`,
    blocks: [x, weight, bias, out, mean, rstd],
    steps: [{ task: 'layerNorm', words: [x, weight, bias, out, mean, rstd, rows, length, { float: epsilon }] }],
  };
}

function layerNormBackward(sample: Sample): KernelCase {
  const [rows, length] = [sample.length(300), sample.length(100, 1)];
  const x = sample.input('x', sample.floats(rows * length, 3));
  const g = sample.input('g', sample.floats(rows * length));
  const weight = sample.input('weight', sample.floats(length));
  const mean = sample.input('mean', sample.floats(rows));
  const rstd = sample.input(
    'rstd',
    sample.floats(rows).map((value) => Math.abs(value) + 0.1),
  );
  const dx = new Float64Array(rows * length);
  const dxSizes = new Float64Array(rows * length);
  const [dWeight, dBias, weightSizes, biasSizes] = [0, 0, 0, 0].map(() => new Float64Array(length));
  for (let row = 0; row < rows; row++) {
    const at = row * length;
    const scale = rstd.data[row]!;
    const normal = Array.from({ length }, (_, i) => (x.data[at + i]! - mean.data[row]!) * scale);
    const u = Array.from({ length }, (_, i) => g.data[at + i]! * weight.data[i]!);
    const product = u.map((value, i) => value * normal[i]!);
    normal.forEach((value, i) => {
      const cotangent = g.data[at + i]!;
      dx[at + i] = scale * (u[i]! - sum(u) / length - (value * sum(product)) / length);
      dxSizes[at + i] = scale * (Math.abs(u[i]!) + meanSize(u) + Math.abs(value) * meanSize(product));
      dWeight![i]! += cotangent * value;
      dBias![i]! += cotangent;
      weightSizes![i]! += Math.abs(cotangent * value);
      biasSizes![i]! += Math.abs(cotangent);
    });
  }
  const outs = [
    sample.output('dx', dx, (at) => 2 ** -20 * dxSizes[at]!),
    sample.output('dWeight', dWeight!, (at) => 2 ** -20 * weightSizes![at]!),
    sample.output('dBias', dBias!, (at) => 2 ** -20 * biasSizes![at]!),
  ];
  const words = [x, weight, mean, rstd, g, ...outs, rows, length];
  return {
    title: `of [${rows}, ${length}]`,
    blocks: [x, weight, mean, rstd, g, ...outs],
    steps: [
      { task: 'layerNormBackwardInput', words },
      { task: 'layerNormBackwardAffine', words },
    ],
  };
}

/** Kernels on whole rows. */
export const rowNorms: Readonly<Record<string, Sampler>> = { softmaxCrossEntropy, layerNorm, layerNormBackward };
