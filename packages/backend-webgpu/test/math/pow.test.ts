import type { Operand } from '@tempograd/core/backend';
import { expect, test } from 'vitest';
import { numbers as floats, useGpu } from '../support/agreement.js';
import { isClose } from '../support/ulps.js';

const gpu = useGpu();

async function expectPowers(bases: Float32Array, exponents: Float32Array, ulps: number): Promise<void> {
  const shape = [bases.length];
  const [a, b] = [bases, exponents].map((data): Operand => ({
    handle: gpu().write(data, shape, 'f32'),
    shape,
    dtype: 'f32',
  })) as [Operand, Operand];
  const y = { ...a, handle: gpu().binary('pow', a, b) };
  const values = await gpu().read(y);
  for (const { handle } of [a, b, y]) gpu().release(handle);
  for (let i = 0; i < bases.length; i++) {
    const want = bases[i]! ** exponents[i]!;
    // What is no normal number may be flushed to the 0 of its sign; an exact 0 has its sign too.
    const same = isClose(values[i]!, want, ulps) && (want !== 0 || Object.is(values[i], want));
    if (!same) expect.fail(`pow(${bases[i]}, ${exponents[i]}) is ${values[i]}, not ${want}`);
  }
}

const size = 100_000;
const numbers = (length: number, seed: number): Float64Array => Float64Array.from(floats(length, seed));

test('of positive bases, as far as powers are finite', async () => {
  const logarithms = numbers(size, 1).map((x) => x * 88);
  const bases = Float32Array.from(logarithms, Math.exp);
  const targets = numbers(size, 2).map((x) => x * 89);
  await expectPowers(
    bases,
    Float32Array.from(targets, (t, i) => t / logarithms[i]!),
    3,
  );
});

test('of bases close to 1, to large powers', async () => {
  const offsets = numbers(size, 3).map((x, i) => x * 2 ** -(i % 24));
  const bases = Float32Array.from(offsets, (x) => 1 + x / 2);
  const targets = numbers(size, 4).map((x) => x * 89);
  await expectPowers(
    bases,
    Float32Array.from(targets, (t, i) => t / Math.log(bases[i]!)),
    3,
  );
});

test('of any bits to any', async () => {
  const words = (step: number): Float32Array =>
    new Float32Array(Uint32Array.from({ length: size }, (_, i) => Math.imul(i, step)).buffer);
  await expectPowers(words(0x9e3779b1), words(0x2c1b3c6d), 3);
});

test('of negative bases, to whole numbers and others', async () => {
  const bases = Float32Array.from(numbers(size, 7), (x) => x * 10);
  await expectPowers(
    bases,
    Float32Array.from(numbers(size, 8), (x) => Math.round(x * 20) / 2),
    3,
  );
});

test('squares, cubes, roots and reciprocals', async () => {
  const bases = Float32Array.from(numbers(size, 9), (x) => Math.abs(x) * 100);
  await expectPowers(
    bases,
    Float32Array.from(bases, (_, i) => [2, 3, 0.5, -1, -0.5, 1][i % 6]!),
    3,
  );
});

test('of special values, as in JavaScript', async () => {
  const special = [
    0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 2.5, -2.5, 1e-30, 1e30, -1e30, 2 ** 23 + 1, 2 ** 24, 2 ** 23 + 0.5, 2 ** 25,
    Infinity, -Infinity, NaN,
  ]; // prettier-ignore
  const pairs = special.flatMap((a) => special.map((b) => [a, b] as const));
  await expectPowers(
    Float32Array.from(pairs, ([a]) => a),
    Float32Array.from(pairs, ([, b]) => b),
    3,
  );
});
