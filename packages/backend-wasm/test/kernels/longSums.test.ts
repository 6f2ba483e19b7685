import { describe, expect, test } from 'vitest';
import { builds, loadKernels, makeRandom, type Kernels } from './kernels.js';

const k = 131_072;

/** A matrix `[k, columns]` in [0, 1): sums of such have no cancellation, and every rounding goes into their relative error. */
function positive(columns: number, seed: number): Float32Array {
  const random = makeRandom(seed);
  return Float32Array.from({ length: k * columns }, () => (random() + 1) / 2);
}

/** `AᵀB` in f64, of A `[k, m]` and B `[k, n]`. */
function sumsOf(a: Float32Array, b: Float32Array): Float64Array {
  const [m, n] = [a.length / k, b.length / k];
  const sums = new Float64Array(m * n);
  for (let l = 0; l < k; l++) {
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) sums[i * n + j]! += a[l * m + i]! * b[l * n + j]!;
  }
  return sums;
}

function transposed(x: Float32Array): Float32Array {
  const columns = x.length / k;
  return Float32Array.from({ length: x.length }, (_, at) => x[(at % k) * columns + Math.floor(at / k)]!);
}

/** The largest relative error. */
function errorOf(actual: Float32Array, sums: Float64Array): number {
  return sums.reduce((worst, sum, at) => Math.max(worst, Math.abs(actual[at]! - sum) / sum), 0);
}

const operands = new Map([1, 3, 5, 17].map((columns) => [columns, positive(columns, columns)] as const));

/** A and B as the product wants them, and the exact sums. */
const problems = (
  [
    [3, 17],
    [1, 17],
    [5, 1],
  ] as const
).map(([m, n]) => {
  const [a, b] = [operands.get(m)!, operands.get(n)!];
  return { m, n, a: [transposed(a), a], b: [b, transposed(b)], sums: sumsOf(a, b) };
});

const cases = problems.flatMap((problem) =>
  [0, 1, 2, 3].map((flags) => ({ ...problem, flags, transposeA: flags % 2, transposeB: flags >> 1 })),
);

/** Inputs and gates' gradients of one row over k steps, and the exact gradients. */
const segment = {
  input: operands.get(5)!,
  gates: operands.get(3)!,
  dWeight: sumsOf(operands.get(3)!, operands.get(5)!),
  dBias: sumsOf(operands.get(3)!, new Float32Array(k).fill(1)),
  squares: sumsOf(operands.get(3)!, operands.get(3)!).filter((_, at) => at % 4 === 0),
};

function product(
  kernels: Kernels,
  { m, n, a, b, flags, transposeA, transposeB }: (typeof cases)[number],
): Float32Array {
  kernels.reset();
  const c = kernels.allocate(m * n * 4);
  const [lda, ldb] = [transposeA ? m : k, transposeB ? k : n];
  const [pa, pb] = [kernels.put(a[transposeA]!), kernels.put(b[transposeB]!)];
  kernels.run('product', [m, n, k, pa, lda, pb, ldb, c, n, 0, flags, 1, 0, 0, 0], 1);
  return kernels.floats(c, m * n);
}

/** Gradients of an RNN's weights and biases. */
function recurrentWeights(kernels: Kernels): { dWeight: Float32Array; dBias: Float32Array } {
  kernels.reset();
  const [inputs, hidden] = [5, 3];
  const [dWeight, dBias] = [kernels.allocate(hidden * inputs * 4), kernels.allocate(hidden * 4)];
  const words = new Array<number>(35).fill(0);
  words.splice(0, 7, 0, k, 1, inputs, hidden, 0, kernels.put(segment.input));
  words[12] = kernels.put(new Float32Array(hidden));
  words[18] = kernels.put(segment.gates);
  words[27] = dWeight;
  words[29] = dBias;
  words[32] = words[18];
  kernels.run('recurrentWeights', words, 1);
  return { dWeight: kernels.floats(dWeight, hidden * inputs), dBias: kernels.floats(dBias, hidden) };
}

/** Gradients of layer norm's weight and bias over k rows of mean 0 and variance 1. */
function layerNormAffine(kernels: Kernels): { dWeight: Float32Array; dBias: Float32Array } {
  kernels.reset();
  const [ones, columns] = [new Float32Array(k).fill(1), 3];
  const [dWeight, dBias] = [kernels.allocate(columns * 4), kernels.allocate(columns * 4)];
  const rows = kernels.put(operands.get(columns)!);
  const words = [rows, 0, kernels.put(new Float32Array(k)), kernels.put(ones), rows, 0, dWeight, dBias, k, columns];
  kernels.run('layerNormBackwardAffine', words, 2);
  return { dWeight: kernels.floats(dWeight, columns), dBias: kernels.floats(dBias, columns) };
}

// Added up one by one, sums of this length are off by 1.6e-5; in blocks that are added up, by a tenth of that or less.
describe.each(builds)('sums over 131,072 terms, %s build', async (build) => {
  const kernels = await loadKernels(build, 16);

  test.each(cases)('product $m × $n, transposed: A $transposeA, B $transposeB', (problem) => {
    expect(errorOf(product(kernels, problem), problem.sums)).toBeLessThan(1.5e-6);
  });

  test('gradients of recurrent weights and biases', () => {
    const { dWeight, dBias } = recurrentWeights(kernels);
    expect(errorOf(dWeight, segment.dWeight)).toBeLessThan(1.5e-6);
    expect(errorOf(dBias, segment.dBias)).toBeLessThan(1.5e-6);
  });

  test('gradients of layer norm’s weight and bias', () => {
    const { dWeight, dBias } = layerNormAffine(kernels);
    expect(errorOf(dWeight, segment.squares)).toBeLessThan(1.5e-6);
    expect(errorOf(dBias, segment.dBias)).toBeLessThan(1.5e-6);
  });
});
