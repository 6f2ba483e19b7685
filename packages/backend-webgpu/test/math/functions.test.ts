import type { Operand, UnaryOp } from '@tempograd/core/backend';
import { expect, test } from 'vitest';
import { useGpu } from '../support/agreement.js';
import { isClose, ulp } from '../support/ulps.js';

/** Every float whose bits are a multiple of this is tried: all exponents, both signs, infinities and NaN among them. */
const bitStep = 7919;

/** What is exact, over the reach of f64, and how far off an f32 may be. */
const exact: readonly (readonly [UnaryOp, (x: number) => number, number])[] = [
  ['neg', (x) => -x, 0],
  ['abs', Math.abs, 0],
  ['sign', Math.sign, 0],
  ['relu', (x) => Math.max(x, 0), 0],
  ['floor', Math.floor, 0],
  ['sqrt', Math.sqrt, 3],
  ['exp', Math.exp, 2],
  ['log', Math.log, 2],
  ['log1p', Math.log1p, 3],
  ['sin', Math.sin, 3],
  ['cos', Math.cos, 3],
  ['tanh', Math.tanh, 4],
  ['sigmoid', (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))), 4],
];

const gpu = useGpu();

async function apply(op: UnaryOp, data: Float32Array): Promise<Float32Array> {
  const x: Operand = { handle: gpu().write(data, [data.length], 'f32'), shape: [data.length], dtype: 'f32' };
  const y: Operand = { ...x, handle: gpu().unary(op, x) };
  const values = (await gpu().read(y)) as Float32Array;
  gpu().release(x.handle);
  gpu().release(y.handle);
  return values;
}

function sweep(): Float32Array {
  const words = new Uint32Array(Math.floor(2 ** 32 / bitStep));
  for (let i = 0; i < words.length; i++) words[i] = i * bitStep;
  return new Float32Array(words.buffer);
}

/** Numbers where functions turn: near 0, near ±1, near the ends of exp's range, near multiples of π/2. */
function close(): Float32Array {
  const centres = [
    0, 1e-3, 0.1, 0.17328679, 0.29289323, 0.34657359, 0.41421357, 0.5, Math.SQRT1_2, Math.PI / 4, 1, Math.SQRT2, 2, 9, 10, 16.6,
    20, 87.33, 87.69, 88, 88.72, 103.9, 104, 2 ** 23, 2 ** 24,
    ...Array.from({ length: 40 }, (_, i) => ((i + 1) * Math.PI) / 2),
    ...Array.from({ length: 40 }, (_, i) => Math.round(2 ** (i * 3) / Math.PI) * Math.PI),
  ]; // prettier-ignore
  const result: number[] = [];
  for (const centre of centres) {
    for (let i = -200; i <= 200; i++) {
      result.push(centre + i * ulp(centre), -centre - i * ulp(centre), centre + i * 1e-4);
    }
  }
  return Float32Array.from(result);
}

test.each(exact)('%s is close everywhere', async (op, of, ulps) => {
  for (const xs of [sweep(), close()]) {
    const ys = await apply(op, xs);
    for (let i = 0; i < xs.length; i++) {
      const want = of(xs[i]!);
      if (!isClose(ys[i]!, want, ulps)) {
        expect.fail(`${op}(${xs[i]}) is ${ys[i]}, not ${want}: ${Math.abs(ys[i]! - want) / ulp(want)} ulp`);
      }
    }
  }
});

test('special values', async () => {
  const x = Float32Array.of(0, -0, Infinity, -Infinity, NaN, -1, 1);
  const expected: Partial<Record<UnaryOp, number[]>> = {
    neg: [-0, 0, -Infinity, Infinity, NaN, 1, -1],
    abs: [0, 0, Infinity, Infinity, NaN, 1, 1],
    sign: [0, -0, 1, -1, NaN, -1, 1],
    relu: [0, 0, Infinity, 0, NaN, 0, 1],
    floor: [0, -0, Infinity, -Infinity, NaN, -1, 1],
    sqrt: [0, -0, Infinity, NaN, NaN, NaN, 1],
    exp: [1, 1, Infinity, 0, NaN, Math.fround(Math.exp(-1)), Math.fround(Math.E)],
    log: [-Infinity, -Infinity, Infinity, NaN, NaN, NaN, 0],
    log1p: [0, -0, Infinity, NaN, NaN, -Infinity, Math.fround(Math.LN2)],
  };
  for (const [op, values] of Object.entries(expected)) expect([...(await apply(op as UnaryOp, x))], op).toEqual(values);
  const ends = Float32Array.of(0, -0, Infinity, -Infinity, NaN);
  expect([...(await apply('tanh', ends))]).toEqual([0, -0, 1, -1, NaN]);
  expect([...(await apply('sigmoid', ends))]).toEqual([0.5, 0.5, 1, 0, NaN]);
  expect([...(await apply('sin', ends))]).toEqual([0, -0, NaN, NaN, NaN]);
  expect([...(await apply('cos', ends))]).toEqual([1, 1, NaN, NaN, NaN]);
});

test('any NaN stays NaN, whatever its sign and payload', async () => {
  const words = Uint32Array.from({ length: 4096 }, (_, i) => (i % 2 ? 0xffffffff - i * 977 : 0x7f800001 + i * 977));
  const x = new Float32Array(words.buffer);
  for (const [op] of exact) expect((await apply(op, x)).every(Number.isNaN), op).toBe(true);
});

test('sigmoid stays in [0, 1], and tanh, sin and cos in [−1, 1]', async () => {
  const x = sweep();
  for (const op of ['tanh', 'sin', 'cos'] as const) {
    expect(
      (await apply(op, x)).every((y) => !(Math.abs(y) > 1)),
      op,
    ).toBe(true);
  }
  expect((await apply('sigmoid', x)).every((y) => !(y > 1 || y < 0))).toBe(true);
});
