import type { Operand } from '@tempograd/core/backend';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { integers, useGpu } from '../support/agreement.js';
import { shapes, stretchable } from '../support/shapes.js';
import { expectUlps } from '../support/ulps.js';

const gpu = useGpu();

const permuted = shapes(5).chain((shape) =>
  fc.tuple(fc.constant(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
);

const boxes = shapes().chain((shape) =>
  fc.tuple(...shape.map((length) => fc.tuple(fc.nat(length), fc.nat(length)))).map((pairs) => ({
    shape,
    begin: pairs.map(([a, b]) => Math.min(a, b)),
    size: pairs.map(([a, b]) => Math.abs(a - b)),
  })),
);

async function expectTranspose(shape: readonly number[], permutation: readonly number[]): Promise<void> {
  const result = permutation.map((axis) => shape[axis]!);
  const inputs = [integers(shape, 1, -(2 ** 31), 2 ** 31)];
  await expectUlps(gpu(), inputs, (k, x) => [{ ...x, shape: result, handle: k.transpose(x, permutation) }]);
}

test('transpose by any permutation', async () => {
  await fc.assert(
    fc.asyncProperty(permuted, ([shape, permutation]) => expectTranspose(shape, permutation)),
    { numRuns: 40 },
  );
});

test.each([
  [[67, 129], [1, 0]],
  [[32, 64], [1, 0]],
  [[16, 16], [1, 0]],
  [[15, 400], [1, 0]],
  [[5, 33, 18], [0, 2, 1]],
  [[16, 16, 16], [2, 0, 1]],
  [[300, 7], [1, 0]],
  [[3, 4, 5, 6], [2, 3, 0, 1]],
  [[31, 2, 17], [1, 0, 2]],
  [[2, 3, 2, 3, 2, 3, 2, 3, 2, 3], [9, 7, 5, 3, 1, 0, 2, 4, 6, 8]],
])('transpose of %j by %j', expectTranspose); // prettier-ignore

test('slice of any box', async () => {
  await fc.assert(
    fc.asyncProperty(boxes, async ({ shape, begin, size }) => {
      const inputs = [integers(shape, 1, -99, 99)];
      await expectUlps(gpu(), inputs, (k, x) => [{ ...x, shape: size, handle: k.slice(x, begin, size) }]);
    }),
    { numRuns: 40 },
  );
});

test('flip of any axes', async () => {
  const flips = shapes().chain((shape) => fc.tuple(fc.constant(shape), fc.subarray([...shape.keys()])));
  await fc.assert(
    fc.asyncProperty(flips, async ([shape, axes]) => {
      const inputs = [integers(shape, 1, -99, 99)];
      await expectUlps(gpu(), inputs, (k, x) => [{ ...x, handle: k.flip(x, axes) }]);
    }),
    { numRuns: 30 },
  );
});

test('broadcast to any shape', async () => {
  const pairs = shapes().chain((full) => fc.tuple(fc.constant(full), stretchable(full)));
  await fc.assert(
    fc.asyncProperty(pairs, async ([shape, small]) => {
      const inputs = [integers(small, 1, -99, 99)];
      await expectUlps(gpu(), inputs, (k, x) => [{ ...x, shape, handle: k.broadcast(x, shape) }]);
    }),
    { numRuns: 30 },
  );
});

test('concat along any axis, of views too', async () => {
  const joins = fc
    .tuple(
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }),
      fc.nat(3),
      fc.array(fc.nat(4), { minLength: 1, maxLength: 17 }),
    )
    .map(([shape, at, lengths]) => ({ shape, axis: at % shape.length, lengths }));
  await fc.assert(
    fc.asyncProperty(joins, async ({ shape, axis, lengths }) => {
      const inputs = lengths.map((length, i) => integers(shape.with(axis, length), i, -99, 99));
      const joined = shape.with(axis, lengths.reduce((sum, length) => sum + length, 0)); // prettier-ignore
      await expectUlps(gpu(), inputs, (k, ...xs) => [{ ...xs[0]!, shape: joined, handle: k.concat(xs, axis) }]);
    }),
    { numRuns: 30 },
  );
  await expectUlps(gpu(), [integers([6, 4], 1, -99, 99)], (k, x) => {
    const rows = { ...x, shape: [2, 4], handle: k.slice(x, [3, 0], [2, 4]) };
    const twice = { ...x, shape: [4, 4], handle: k.concat([rows, rows], 0) };
    k.release(rows.handle);
    return [twice];
  });
});

test('what only looks at a tensor shares its storage, and outlives it', async () => {
  const before = gpu().memory();
  const source: Operand = {
    handle: gpu().write(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2], 'f32'),
    shape: [3, 2],
    dtype: 'f32',
  };
  const views: Operand[] = [
    { ...source, shape: [6], handle: gpu().reshape(source, [6]) },
    { ...source, shape: [1, 2], handle: gpu().slice(source, [1, 0], [1, 2]) },
    { ...source, shape: [1, 3, 2], handle: gpu().broadcast(source, [1, 3, 2]) },
  ];
  const [, row, deep] = views as [Operand, Operand, Operand];
  views.push({ ...source, shape: [3, 2, 1], handle: gpu().transpose(deep, [1, 2, 0]) });
  views.push({ ...source, shape: [2, 1], handle: gpu().flip({ ...row, shape: [2, 1] }, [1]) });
  expect(gpu().memory().buffers).toBe(before.buffers + 1);
  gpu().release(source.handle);
  const values = await Promise.all(views.map(async (x) => [...(await gpu().read(x))]));
  expect(values).toEqual([
    [1, 2, 3, 4, 5, 6],
    [3, 4],
    [1, 2, 3, 4, 5, 6],
    [1, 2, 3, 4, 5, 6],
    [3, 4],
  ]);
  for (const { handle } of views) gpu().release(handle);
  expect(gpu().memory().bytes).toBe(before.bytes);
});
