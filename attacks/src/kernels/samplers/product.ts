import type { KernelCase } from '../KernelCase.js';
import type { Sample } from '../Sample.js';

/** Lengths of a product of matrices, of a single row or column with a large matrix, or with a long sum. */
function sampleLengths(sample: Sample): [m: number, n: number, k: number] {
  const kind = sample.random.next();
  if (kind < 0.1) return [sample.length(20), sample.length(20), sample.length(9000)];
  if (kind < 0.3) {
    const long = sample.length(2500);
    const k = sample.length(Math.min(1300, Math.ceil(1e6 / (long + 1))));
    return sample.chance(0.7) ? [1, long, k] : [long, 1, k];
  }
  const [m, n] = [sample.length(140), sample.length(sample.chance(0.1) ? 1100 : 140)];
  return [m, n, sample.length(Math.min(600, Math.ceil(1e6 / (m * n + 1))))];
}

/** `C = op(A) op(B)` of odd sizes, with room between rows, plus a bias or what C held. */
export function product(sample: Sample): KernelCase {
  const [m, n, k] = sampleLengths(sample);
  const [transposeA, transposeB] = [sample.chance(0.5), sample.chance(0.5)];
  const kind = sample.random.pick(['zero', 'bias', 'c'] as const);
  const batch = sample.chance(0.2) && m * n * k < 2e5 ? sample.random.whole(1, 4) : 1;
  const slack = (): number => (sample.chance(0.6) ? 0 : sample.random.whole(1, 6));
  const [lda, ldb, ldc] = [(transposeA ? m : k) + slack(), (transposeB ? k : n) + slack(), n + slack()];
  const [sizeA, sizeB, sizeC] = [(transposeA ? k : m) * lda, (transposeB ? n : k) * ldb, m * ldc];
  const [strideA, strideB] = [sizeA, sizeB].map((size) => (batch > 1 && sample.chance(0.3) ? 0 : size)) as [
    number,
    number,
  ];
  const a = sample.input('a', sample.floats(sizeA * batch));
  const b = sample.input('b', sample.floats(sizeB * batch));
  const bias = sample.input('bias', sample.floats(n));
  const before = sample.floats(sizeC * batch);
  const values = Float64Array.from(before);
  const bounds = new Float64Array(before.length);
  const [stepA, stepB] = [transposeA ? lda : 1, transposeB ? 1 : ldb];
  for (let one = 0; one < batch; one++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        const at = one * sizeC + i * ldc + j;
        let sum = kind === 'c' ? before[at]! : kind === 'bias' ? bias.data[j]! : 0;
        let size = Math.abs(sum);
        const fromA = one * strideA + (transposeA ? i : i * lda);
        const fromB = one * strideB + (transposeB ? j * ldb : j);
        for (let l = 0; l < k; l++) {
          const term = a.data[fromA + l * stepA]! * b.data[fromB + l * stepB]!;
          sum += term;
          size += Math.abs(term);
        }
        values[at] = sum;
        bounds[at] = 2 ** -24 * size * (2 + Math.sqrt(k));
        if (kind !== 'c') before[at] = Number.NaN;
      }
  const c = sample.output('c', values, (at) => bounds[at]!, before);
  const flags = (transposeA ? 1 : 0) | (transposeB ? 2 : 0) | (kind === 'c' ? 4 : 0);
  const start = kind === 'bias' ? bias : 0;
  const words = [m, n, k, a, lda, b, ldb, c, ldc, start, flags, batch, strideA, strideB, sizeC];
  return {
    title: `${m}×${n}×${k}, flags ${flags}, ${kind}, leading ${lda} ${ldb} ${ldc}, ${batch} of them`,
    blocks: [a, b, bias, c],
    steps: [{ task: 'product', words }],
  };
}
