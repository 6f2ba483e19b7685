import { expect, test } from 'vitest';
import { expectAgreement, floats, useGpu } from '../support/agreement.js';
import type { Input, Program } from '../support/agreement.js';

const backend = useGpu();
const norm: Program = (b, ...xs) => [{ ...xs[0]!, shape: [], handle: b.globalNorm!(xs) }];
const vector = (...values: number[]): Input => ({ shape: [values.length], dtype: 'f32', values });

test('over no element, and over tensors of all sizes', async () => {
  await expectAgreement(backend(), [floats([0], 1)], norm, {}, [[0]]);
  await expectAgreement(backend(), [floats([0], 1), floats([3, 0], 1), vector(-3, 4)], norm, {}, [[5]]);
  const inputs = [floats([3, 5], 1), floats([], 2), floats([70, 300], 3), floats([0], 4)];
  await expectAgreement(backend(), inputs, norm);
});

test.each([1, 7, 8, 20])('over %i tensors', async (count) => {
  await expectAgreement(
    backend(),
    Array.from({ length: count }, (_, i) => floats([i * 1000 + 1], i)),
    norm,
  );
});

test('over a tensor of millions of elements', async () => {
  await expectAgreement(backend(), [floats([2_000_003], 1)], norm);
});

test('the same tensor more than once', async () => {
  await expectAgreement(backend(), [vector(3, 4)], (b, x) => norm(b, x, x, x, x), {}, [[10]]);
});

test('neither overflow nor underflow', async () => {
  await expectAgreement(backend(), [vector(1e30, -1e30, 1e30, 0, 1)], norm);
  await expectAgreement(backend(), [vector(3e37, 1), vector(-4e37)], norm, {}, [[5e37]]);
  await expectAgreement(backend(), [vector(3e-30, 4e-30)], norm, { floor: 0 }, [[5e-30]]);
  await expectAgreement(backend(), [vector(1e-15, 1e-17), vector(1e-16)], norm, { floor: 0 });
  await expectAgreement(backend(), [vector(1e15, 1e14, 2e15)], norm);
  await expectAgreement(backend(), [vector(3e38, 3e38)], norm, {}, [[Infinity]]);
});

test('infinity and NaN are seen', async () => {
  for (const [values, expected] of [
    [[1, Infinity], Infinity],
    [[-Infinity, 1e30], Infinity],
    [[1, NaN], NaN],
    [[NaN, Infinity, 1e30], NaN],
  ] as const) {
    await expectAgreement(backend(), [vector(...values)], norm, {}, [[expected]]);
  }
  expect(backend().memory().buffers).toBe(0);
});
