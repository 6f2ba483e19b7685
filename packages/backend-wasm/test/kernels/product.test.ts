import { describe, expect, test } from 'vitest';
import { expectSameBits } from '../support/bits.js';
import { builds, loadKernels, makeRandom, randomFloats, type Kernels } from './kernels.js';

interface Case {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly start: 'zero' | 'bias' | 'c';
  readonly batch: number;
  readonly parts: number;
  /** Extra elements in each leading dimension, and 4-byte words by which operands miss alignment. */
  readonly slack: number;
}

/** `C`, and the largest `Σ |a·b|` of an element, which scales its rounding error. */
function naiveProduct(x: Case, a: Float32Array, b: Float32Array, bias: Float32Array, c: Float32Array) {
  const { lda, ldb, ldc, sizeA, sizeB, sizeC } = layout(x);
  const result = Float64Array.from(c);
  let magnitude = 1;
  for (let batch = 0; batch < x.batch; batch++) {
    for (let i = 0; i < x.m; i++) {
      for (let j = 0; j < x.n; j++) {
        const at = batch * sizeC + i * ldc + j;
        let sum = x.start === 'c' ? c[at]! : x.start === 'bias' ? bias[j]! : 0;
        let size = Math.abs(sum);
        for (let l = 0; l < x.k; l++) {
          const left = a[batch * sizeA + (x.transposeA ? l * lda + i : i * lda + l)]!;
          const right = b[batch * sizeB + (x.transposeB ? j * ldb + l : l * ldb + j)]!;
          sum += left * right;
          size += Math.abs(left * right);
        }
        result[at] = sum;
        magnitude = Math.max(magnitude, size);
      }
    }
  }
  return { result, magnitude };
}

function layout({ m, n, k, transposeA, transposeB, slack }: Case) {
  const lda = (transposeA ? m : k) + slack,
    ldb = (transposeB ? k : n) + slack,
    ldc = n + slack;
  return { lda, ldb, ldc, sizeA: (transposeA ? k : m) * lda, sizeB: (transposeB ? n : k) * ldb, sizeC: m * ldc };
}

/** Runs a case and compares every word of C, also those between its rows, which must stay as they were. */
function check(kernels: Kernels, x: Case, seed: number): void {
  kernels.reset();
  const random = makeRandom(seed);
  const { lda, ldb, ldc, sizeA, sizeB, sizeC } = layout(x);
  const a = randomFloats(x.batch * sizeA, random),
    b = randomFloats(x.batch * sizeB, random);
  const bias = randomFloats(x.n, random),
    c = randomFloats(x.batch * sizeC, random);
  const misalign = (x.slack % 4) * 4;
  const [pa, pb, pBias] = [kernels.put(a, misalign), kernels.put(b, misalign), kernels.put(bias, misalign)];
  const given = c.slice();
  if (x.start !== 'c') poisonRows(given, x);
  const pc = kernels.put(given, misalign);
  const flags = (x.transposeA ? 1 : 0) | (x.transposeB ? 2 : 0) | (x.start === 'c' ? 4 : 0);
  const biasOrNull = x.start === 'bias' ? pBias : 0;
  const args = [x.m, x.n, x.k, pa, lda, pb, ldb, pc, ldc, biasOrNull, flags, x.batch, sizeA, sizeB, sizeC];
  kernels.run('product', args, x.parts);
  const { result, magnitude } = naiveProduct(x, a, b, bias, c);
  const actual = kernels.floats(pc, c.length);
  // Each of k additions rounds once, or twice where products round too; errors walk rather than add up.
  const tolerance = 2 ** -24 * magnitude * (2 + Math.sqrt(x.k));
  const wrong = result.findIndex((value, at) => !(Math.abs(value - actual[at]!) <= tolerance));
  if (wrong >= 0) expect.fail(`${JSON.stringify(x)}: element ${wrong} is ${actual[wrong]}, not ${result[wrong]}`);
}

function poisonRows(c: Float32Array, x: Case): void {
  const { ldc, sizeC } = layout(x);
  for (let row = 0; row < x.batch * x.m; row++) {
    const at = Math.floor(row / x.m) * sizeC + (row % x.m) * ldc;
    c.fill(Number.NaN, at, at + x.n);
  }
}

const starts = ['zero', 'bias', 'c'] as const;

describe.each(builds)('product, %s build', async (build) => {
  const kernels = await loadKernels(build);

  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('every size from 0 to 9, transposeA %s, transposeB %s', (transposeA, transposeB) => {
    const random = makeRandom(7);
    for (let m = 0; m <= 9; m++) {
      for (let n = 0; n <= 9; n++) {
        for (const k of [0, 1, 2, 3, 4, 5, 8, 9]) {
          const start = starts[Math.floor((random() + 1) * 1.5)]!;
          check(
            kernels,
            { m, n, k, transposeA, transposeB, start, batch: 1, parts: 1, slack: m % 3 },
            m * 100 + n * 10 + k,
          );
        }
      }
    }
  });

  test('random sizes, leading dimensions, starts, batches and parts', () => {
    const random = makeRandom(11);
    const upTo = (limit: number): number => 1 + Math.floor(((random() + 1) / 2) * limit);
    for (let i = 0; i < 150; i++) {
      const long = i % 10 === 0 ? 700 : 60;
      check(
        kernels,
        {
          m: upTo(i % 3 === 0 ? 150 : 20),
          n: upTo(i % 3 === 1 ? 150 : 20),
          k: upTo(long),
          transposeA: random() > 0,
          transposeB: random() > 0,
          start: starts[i % 3]!,
          batch: upTo(3),
          parts: upTo(3),
          slack: upTo(6) - 1,
        },
        i,
      );
    }
  });

  test('sizes past every block', () => {
    const sizes = [
      { m: 70, n: 530, k: 20 },
      { m: 9, n: 20, k: 1100 },
      { m: 140, n: 12, k: 530 },
      { m: 1, n: 1030, k: 261 },
      { m: 1, n: 270, k: 1100 },
    ];
    for (const size of sizes) {
      for (const [transposeA, transposeB, start] of [
        [false, true, 'bias'],
        [true, false, 'bias'],
        [false, false, 'c'],
      ] as const) {
        check(kernels, { ...size, transposeA, transposeB, start, batch: 1, parts: 2, slack: 1 }, 3);
      }
    }
  });

  test('a stride of 0 repeats an operand', () => {
    const random = makeRandom(5);
    const [m, n, k] = [5, 6, 7];
    const a = randomFloats(m * k, random),
      b = randomFloats(3 * k * n, random);
    kernels.reset();
    const pa = kernels.put(a),
      pb = kernels.put(b),
      pc = kernels.allocate(3 * m * n * 4);
    kernels.run('product', [m, n, k, pa, k, pb, n, pc, n, 0, 0, 3, 0, k * n, m * n], 1);
    for (let batch = 0; batch < 3; batch++) {
      const one = kernels.allocate(m * n * 4);
      kernels.run('product', [m, n, k, pa, k, pb + batch * k * n * 4, n, one, n, 0, 0, 1, 0, 0, 0], 1);
      expect(kernels.floats(pc + batch * m * n * 4, m * n)).toEqual(kernels.floats(one, m * n));
    }
  });

  test('the number of parts changes no bit', () => {
    const random = makeRandom(9);
    for (const [m, n, k] of [
      [33, 17, 50],
      [17, 90, 50],
      [1, 40, 33],
      [1, 300, 450],
      [41, 1, 33],
      [40, 20, 1],
    ] as const) {
      const a = randomFloats(m * k, random),
        b = randomFloats(k * n, random);
      const results = [1, 2, 3, 5].map((parts) => {
        kernels.reset();
        const pc = kernels.allocate(m * n * 4);
        kernels.run('product', [m, n, k, kernels.put(a), k, kernels.put(b), n, pc, n, 0, 0, 1, 0, 0, 0], parts);
        return kernels.floats(pc, m * n).slice();
      });
      for (const result of results) expectSameBits(result, results[0]!, `${m} × ${n} × ${k}`);
    }
  });

  test('infinities and NaN go where they belong', () => {
    kernels.reset();
    const a = Float32Array.of(1, Infinity, 2, 3, 4, Number.NaN),
      b = Float32Array.of(1, 0, 2, 5);
    const pc = kernels.allocate(24);
    kernels.run('product', [3, 2, 2, kernels.put(a), 2, kernels.put(b), 2, pc, 2, 0, 0, 1, 0, 0, 0], 1);
    expect([...kernels.floats(pc, 6)]).toEqual([Infinity, Infinity, 8, 15, Number.NaN, Number.NaN]);
  });
});
