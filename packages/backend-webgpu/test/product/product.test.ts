import { afterAll, beforeAll, expect, test } from 'vitest';
import { enqueueProduct } from '../../src/product/product.js';
import { expectClose, hostProduct, numbers, ProductBench } from './ProductBench.js';

let bench: ProductBench;
beforeAll(async () => {
  bench = await ProductBench.open();
});
afterAll(() => bench.dispose());

const sizes = [
  { m: 5, n: 3, k: 9 },
  { m: 20, n: 17, k: 9 },
  { m: 20, n: 17, k: 5000 },
  { m: 3, n: 40, k: 5000 },
  { m: 40, n: 3, k: 5000 },
  { m: 20, n: 17, k: 0 },
  { m: 1, n: 7, k: 0 },
];

test.each(sizes)('bias and what is there already, [$m, $k] x [$k, $n]', async ({ m, n, k }) => {
  const a = bench.store(m, k, 1, 3);
  const b = bench.store(k, n, 2, 1);
  const bias = bench.store(1, n, 3, 6);
  const wanted = hostProduct(a, b, { m, n, k });
  for (const withBias of [false, true]) {
    for (const accumulate of [false, true]) {
      const out = bench.upload(numbers(m * n, 4));
      enqueueProduct(bench.gpu, {
        m,
        n,
        k,
        a,
        b,
        out: { buffer: out, start: 0 },
        bias: withBias ? bias : null,
        accumulate,
      });
      const before = numbers(m * n, 4);
      const sum = wanted.map(
        (value, i) =>
          value + (withBias ? (bias.data[6 + (i % n)] as number) : 0) + (accumulate ? (before[i] as number) : 0),
      );
      expectClose(await bench.download(out, m * n), sum, 1e-6, `bias ${withBias}, accumulate ${accumulate}`);
    }
  }
});

test.each(sizes)('what is added to what is there is the rounded product, [$m, $k] x [$k, $n]', async ({ m, n, k }) => {
  const a = bench.store(m, k, 1);
  const b = bench.store(k, n, 2);
  const before = numbers(m * n, 3).map((value) => value * 1e6);
  const [alone, added] = [bench.upload(new Float32Array(m * n)), bench.upload(before)];
  enqueueProduct(bench.gpu, { m, n, k, a, b, out: { buffer: alone, start: 0 } });
  enqueueProduct(bench.gpu, { m, n, k, a, b, out: { buffer: added, start: 0 }, accumulate: true });
  const product = await bench.download(alone, m * n);
  const wanted = before.map((value, i) => value + (product[i] as number));
  expect(await bench.download(added, m * n)).toEqual(wanted);
});

test('a batch of eight axes, of which every second one is broadcast', async () => {
  const [m, n, k] = [9, 10, 4];
  const a = bench.store(2 ** 4 * m, k, 1);
  const b = bench.store(2 ** 4 * k, n, 2);
  const out = bench.upload(new Float32Array(2 ** 8 * m * n));
  const batch = Array.from({ length: 8 }, (_, axis) => {
    const step = 2 ** (3 - (axis >> 1));
    return { length: 2, a: axis % 2 ? 0 : step * m * k, b: axis % 2 ? step * k * n : 0, out: 2 ** (7 - axis) * m * n };
  });
  enqueueProduct(bench.gpu, { m, n, k, a, b, out: { buffer: out, start: 0 }, batch });
  const found = await bench.download(out, 2 ** 8 * m * n);
  for (let item = 0; item < 2 ** 8; item++) {
    let [itemA, itemB] = [0, 0];
    for (let axis = 0; axis < 8; axis++) {
      const digit = (item >> (7 - axis)) & 1;
      if (axis % 2) itemB = 2 * itemB + digit;
      else itemA = 2 * itemA + digit;
    }
    const wanted = hostProduct({ ...a, start: itemA * m * k }, { ...b, start: itemB * k * n }, { m, n, k });
    expectClose(found.subarray(item * m * n, (item + 1) * m * n), wanted, 1e-6, `product ${item}`);
  }
});

test('more workgroups than an axis of a dispatch has', async () => {
  const [count, m, n, k] = [65_601, 9, 9, 1];
  const a = bench.store(count * m, k, 1);
  const b = bench.store(count * k, n, 2);
  const out = bench.upload(new Float32Array(count * m * n));
  const batch = [{ length: count, a: m * k, b: k * n, out: m * n }];
  enqueueProduct(bench.gpu, { m, n, k, a, b, out: { buffer: out, start: 0 }, batch });
  const found = await bench.download(out, count * m * n);
  for (const item of [0, count >> 1, 65_535, 65_536, count - 1]) {
    const wanted = hostProduct({ ...a, start: item * m * k }, { ...b, start: item * k * n }, { m, n, k });
    expectClose(found.subarray(item * m * n, (item + 1) * m * n), wanted, 1e-6, `product ${item}`);
  }
});

test.each([
  [1, 1, 1_000_003],
  [3, 40, 131_072],
  [12, 11, 131_072],
  [10, 9, 1_000_003],
])('a long sum loses no digits: [%i, k] x [k, %i], k = %i', async (m, n, k) => {
  // All of one sign: the sum grows from the first term to the last, and so would its error.
  const values = (count: number, seed: number) => numbers(count, seed).map(Math.abs);
  const hostA = values(m * k, 1);
  const hostB = values(n * k, 2);
  const a = { buffer: bench.upload(hostA), start: 0 };
  const b = { buffer: bench.upload(hostB), start: 0 };
  const out = bench.upload(new Float32Array(m * n));
  enqueueProduct(bench.gpu, { m, n, k, a, b, out: { buffer: out, start: 0 }, transposeB: true });
  const found = await bench.download(out, m * n);
  const [i, j] = [m - 1, n - 1];
  let sum = 0;
  for (let p = 0; p < k; p++) sum += (hostA[i * k + p] as number) * (hostB[j * k + p] as number);
  expect(Math.abs((found[i * n + j] as number) / sum - 1)).toBeLessThan(1e-6);
});

test('NaN and infinity reach the rows and columns that they stand in, and no others', async () => {
  for (const [m, n, k] of [
    [20, 18, 37],
    [2, 40, 37],
  ] as const) {
    const hostA = numbers(m * k, 1);
    const hostB = numbers(k * n, 2);
    hostA[1 * k + 5] = Number.NaN;
    hostB[36 * n + 3] = Infinity;
    const out = bench.upload(new Float32Array(m * n));
    const [a, b] = [
      { buffer: bench.upload(hostA), start: 0 },
      { buffer: bench.upload(hostB), start: 0 },
    ];
    enqueueProduct(bench.gpu, { m, n, k, a, b, out: { buffer: out, start: 0 } });
    const found = await bench.download(out, m * n);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const value = found[i * n + j] as number;
        const wanted = i === 1 ? Number.NaN : j === 3 ? Math.sign(hostA[i * k + 36] as number) * Infinity : null;
        if (wanted === null) expect(Number.isFinite(value), `${i}, ${j}`).toBe(true);
        else expect(value, `${i}, ${j}`).toBe(wanted);
      }
    }
  }
});

test('the same product twice gives the same bits', async () => {
  const [m, n, k] = [70, 50, 3000];
  const a = bench.store(k, m, 1);
  const b = bench.store(k, n, 2);
  const results: Float32Array[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const out = bench.upload(new Float32Array(m * n));
    enqueueProduct(bench.gpu, { m, n, k, a, b, out: { buffer: out, start: 0 }, transposeA: true });
    results.push(await bench.download(out, m * n));
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});

test('nothing is enqueued where the result has no elements', async () => {
  const a = bench.store(0, 3, 1);
  const b = bench.store(3, 4, 2);
  const { dispatches } = bench.gpu.commands.counts;
  enqueueProduct(bench.gpu, { m: 0, n: 4, k: 3, a, b, out: a });
  enqueueProduct(bench.gpu, { m: 2, n: 4, k: 3, a, b, out: a, batch: [{ length: 0, a: 6, b: 12, out: 8 }] });
  expect(bench.gpu.commands.counts.dispatches).toBe(dispatches);
});
