import { describe, expect, test } from 'vitest';
import { builds, loadKernels, type Kernels } from './kernels.js';

/** Every float whose bits are a multiple of this is tried: all exponents, both signs, infinities and NaN among them. */
const bitStep = 7919;

/** What is exact, over the reach of f64. */
const exact: Record<string, (x: number) => number> = {
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
};

function apply(kernels: Kernels, op: string, x: Float32Array): Float32Array {
  kernels.reset();
  const from = kernels.put(x),
    to = kernels.allocate(x.byteLength);
  const task = kernels.exports[`${op}F32`];
  if (task === undefined) throw new Error(`no kernel ${op}`);
  task(kernels.put(Int32Array.of(from, to, x.length)), 0, 1, 0);
  return kernels.floats(to, x.length).slice();
}

const scratch = new Float32Array(1),
  bits = new Int32Array(scratch.buffer);

/** Distance between a float and its neighbour away from zero; that of the smallest normal number below it. */
function ulp(value: number): number {
  scratch[0] = value;
  const exponent = (bits[0]! >>> 23) & 255;
  return 2 ** (Math.max(exponent, 1) - 150);
}

function sweep(): Float32Array {
  const words = new Uint32Array(Math.floor(2 ** 32 / bitStep));
  for (let i = 0; i < words.length; i++) words[i] = i * bitStep;
  return new Float32Array(words.buffer);
}

/** Numbers where functions turn: near 0, near ±1, near the ends of exp's range, near multiples of π/2. */
function close(): Float32Array {
  const centres = [
    0,
    1e-3,
    0.1,
    0.17328679,
    0.5,
    Math.SQRT1_2,
    1,
    Math.SQRT2,
    2,
    9,
    16.6,
    20,
    87.33,
    88.72,
    103.9,
    104,
    ...Array.from({ length: 40 }, (_, i) => ((i + 1) * Math.PI) / 2),
  ];
  const result: number[] = [];
  for (const centre of centres) {
    for (let i = -200; i <= 200; i++)
      result.push(centre + i * ulp(centre), -centre - i * ulp(centre), centre + i * 1e-4);
  }
  return Float32Array.from(result);
}

describe.each(builds)('math, %s build', async (build) => {
  const kernels = await loadKernels(build);

  test.each(Object.keys(exact))('%s is within 2 ulp everywhere', (op) => {
    const of = exact[op]!;
    let worst = 0,
      at = 0;
    for (const xs of [sweep(), close()]) {
      const ys = apply(kernels, op, xs);
      for (let i = 0; i < xs.length; i++) {
        const want = of(xs[i]!),
          have = ys[i]!;
        if (Number.isNaN(want) !== Number.isNaN(have)) expect.fail(`${op}(${xs[i]}) is ${have}, not ${want}`);
        if (Number.isNaN(want)) continue;
        const rounded = Math.fround(want);
        if (!Number.isFinite(rounded) || !Number.isFinite(have)) {
          const edge = Math.abs(want) > 3.4028234e38 * (1 - 1e-6) && Math.abs(have) > 3.4028234e38 * (1 - 1e-6);
          if (rounded !== have && !edge) expect.fail(`${op}(${xs[i]}) is ${have}, not ${want}`);
          continue;
        }
        const error = Math.abs(have - want) / ulp(want);
        if (error > worst) [worst, at] = [error, xs[i]!];
      }
    }
    if (!(worst <= 2)) expect.fail(`${op}(${at}) is off by ${worst} ulp`);
  });

  test('special values', () => {
    const x = Float32Array.of(0, -0, Infinity, -Infinity, Number.NaN, 1e-40, -1e-40);
    const tiny = Math.fround(1e-40);
    const expected: Record<string, number[]> = {
      exp: [1, 1, Infinity, 0, Number.NaN, 1, 1],
      tanh: [0, -0, 1, -1, Number.NaN, tiny, -tiny],
      sigmoid: [0.5, 0.5, 1, 0, Number.NaN, 0.5, 0.5],
      log: [-Infinity, -Infinity, Infinity, Number.NaN, Number.NaN, Math.fround(Math.log(tiny)), Number.NaN],
      log1p: [0, -0, Infinity, Number.NaN, Number.NaN, tiny, -tiny],
      sin: [0, -0, Number.NaN, Number.NaN, Number.NaN, tiny, -tiny],
      cos: [1, 1, Number.NaN, Number.NaN, Number.NaN, 1, 1],
    };
    for (const [op, values] of Object.entries(expected)) expect([...apply(kernels, op, x)], op).toEqual(values);
  });

  test('any NaN stays NaN, whatever its sign and payload', () => {
    const words = Uint32Array.from({ length: 4096 }, (_, i) => (i % 2 ? 0xffffffff - i * 977 : 0x7f800001 + i * 977));
    const x = new Float32Array(words.buffer);
    for (const op of Object.keys(exact)) expect(apply(kernels, op, x).every(Number.isNaN), op).toBe(true);
  });

  test('monotonic where that is promised: sigmoid in [0, 1], tanh in [−1, 1]', () => {
    const x = sweep();
    expect(apply(kernels, 'tanh', x).every((y) => !(Math.abs(y) > 1))).toBe(true);
    expect(apply(kernels, 'sigmoid', x).every((y) => !(y > 1 || y < 0))).toBe(true);
  });
});
