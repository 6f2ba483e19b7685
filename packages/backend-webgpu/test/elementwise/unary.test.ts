import { unaryOps } from '@tempograd/core/backend';
import { test } from 'vitest';
import { floats, useGpu } from '../support/agreement.js';
import type { Input } from '../support/agreement.js';
import { expectUlps } from '../support/ulps.js';

const gpu = useGpu();

test.each(unaryOps)('%s of scalars, of nothing, and of many', async (op) => {
  for (const shape of [[], [0], [3, 0, 2], [3, 7], [33, 41, 3]]) {
    const x = floats(shape, 3, 4);
    const input = op.startsWith('log') || op === 'sqrt' ? { ...x, values: Array.from(x.values, Math.abs) } : x;
    await expectUlps(gpu(), [input], (k, a) => [{ ...a, handle: k.unary(op, a) }], 4);
  }
});

test.each(['neg', 'abs', 'sign', 'relu'] as const)('%s of integers', async (op) => {
  const input: Input = { shape: [7], dtype: 'i32', values: [-(2 ** 31), 2 ** 31 - 1, -5, 0, 5, -1, 1] };
  await expectUlps(gpu(), [input], (k, a) => [{ ...a, handle: k.unary(op, a) }]);
});

test('a cast truncates toward 0, stops at the ends, and makes 0 of NaN', async () => {
  const values = [
    0.9, -0.9, 1.5, -1.5, 1e6, -7, 0, -0, NaN, Infinity, -Infinity, 2 ** 31, -(2 ** 31), 2 ** 31 - 128, 3e9, -3e9, 1e38, 1e-40,
  ]; // prettier-ignore
  const input: Input = { shape: [values.length], dtype: 'f32', values };
  await expectUlps(gpu(), [input], (k, x) => [{ ...x, dtype: 'i32', handle: k.cast(x, 'i32') }]);
});

test('a cast of integers rounds to the nearest float', async () => {
  const values = [2 ** 31 - 1, -(2 ** 31), 2 ** 24 + 1, 2 ** 24 + 3, -(2 ** 24) - 1, 123_456_789, 0, 7];
  const input: Input = { shape: [values.length], dtype: 'i32', values };
  await expectUlps(gpu(), [input], (k, x) => {
    const float = { ...x, dtype: 'f32' as const, handle: k.cast(x, 'f32') };
    return [float, { ...float, handle: k.cast(float, 'f32') }, { ...x, handle: k.cast(x, 'i32') }];
  });
});
