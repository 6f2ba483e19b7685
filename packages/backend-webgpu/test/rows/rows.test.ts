import { sizeOf } from '@tempograd/core/backend';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectAgreement, floats, integers, useGpu } from '../support/agreement.js';
import type { Input, Program } from '../support/agreement.js';

const backend = useGpu();
const dims = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 2 });

const gathered: Program = (b, x, indices) => [
  { ...x, shape: [...indices.shape, ...x.shape.slice(1)], handle: b.gather(x, indices) },
];
const scattered =
  (rows: number): Program =>
  (b, indices, updates) => [
    {
      ...updates,
      shape: [rows, ...updates.shape.slice(indices.shape.length)],
      handle: b.scatterAdd(indices, updates, rows),
    },
  ];

test('gather, indices outside included', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(5), dims, dims, fc.boolean(), async (rows, rest, at, whole) => {
      const x = whole ? integers([rows, ...rest], 1, -9, 9) : floats([rows, ...rest], 1);
      await expectAgreement(backend(), [x, integers(at, 2, -2, rows + 2)], gathered, { tolerance: 0 });
    }),
    { numRuns: 25 },
  );
});

test('gather of rows that are copied four elements at a time, and of ones that are not', async () => {
  for (const length of [4, 64, 67]) {
    const inputs = [floats([65, length], 1), integers([50, 32], 2, -1, 66)];
    await expectAgreement(backend(), inputs, gathered, { tolerance: 0 });
  }
  const extremes: Input = { shape: [5], dtype: 'i32', values: [2 ** 31 - 1, -(2 ** 31), -1, 3, 2] };
  await expectAgreement(backend(), [floats([3, 4], 1), extremes], gathered, { tolerance: 0 });
});

test('scatterAdd, repeated indices and ones outside included', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(5), dims, dims, fc.boolean(), async (rows, rest, at, whole) => {
      const updates = whole ? integers([...at, ...rest], 1, -9, 9) : floats([...at, ...rest], 1);
      await expectAgreement(backend(), [integers(at, 2, -2, rows + 2), updates], scattered(rows));
    }),
    { numRuns: 25 },
  );
});

test.each([
  ['few rows, in several parts', 65, [8192], [67]],
  ['few rows, the most indices that each element looks through', 65, [256], [67]],
  ['few rows, one index more', 65, [257], [67]],
  ['many rows, few indices', 4_200, [9], [64]],
  ['few rows, wide', 13, [300], [515]],
  ['few rows of 100', 9, [2100], [100]],
  ['rows that are scalars', 7, [5000], []],
  ['many rows', 5000, [4096], [5]],
  ['many rows that are scalars, more indices than are sorted together', 70_000, [9001], []],
  ['many rows, no index', 5000, [0], [5]],
] as const)('scatterAdd into %s', async (_, rows, at, rest) => {
  const shape = [...at, ...rest];
  const indices = integers(at, 2, -20, rows + 20);
  await expectAgreement(backend(), [indices, floats(shape, 1)], scattered(rows), { floor: 10 });
  await expectAgreement(backend(), [indices, integers(shape, 1, -(2 ** 31), 2 ** 31)], scattered(rows), {
    tolerance: 0,
  });
});

test.each([3, 5000])('scatterAdd of many updates to one of %i rows', async (rows) => {
  const count = 9000;
  const indices = { ...integers([count], 2, 0, 1), values: Array.from({ length: count }, () => 2) };
  await expectAgreement(backend(), [indices, floats([count, 6], 1)], scattered(rows), { floor: 100 });
});

test('scatterAdd keeps NaN in its row, and takes none from indices outside', async () => {
  const indices: Input = { shape: [5], dtype: 'i32', values: [0, 2, -1, 4, 2] };
  const updates: Input = { shape: [5, 1], dtype: 'f32', values: [1, Infinity, NaN, NaN, 3] };
  await expectAgreement(backend(), [indices, updates], scattered(4), {}, [[1, 0, Infinity, 0]]);
  const many = Array.from({ length: 5000 }, () => 0);
  many.splice(0, 4, 1, 0, Infinity, 0);
  await expectAgreement(backend(), [indices, updates], scattered(5000), {}, [
    [...many.slice(0, 4), NaN, ...many.slice(5)],
  ]);
});

test('more rows than one axis of a dispatch has workgroups', async () => {
  const gpu = backend();
  const count = 65_535 * 256 + 3;
  const shape = [count];
  const x = { handle: gpu.fill([2], 0.5, 'f32'), shape: [2], dtype: 'f32' } as const;
  const indices = { handle: gpu.fill(shape, 1, 'i32'), shape, dtype: 'i32' } as const;
  const rows = gpu.gather(x, indices);
  const values = await gpu.read({ handle: rows, shape, dtype: 'f32' });
  expect(values.length).toBe(sizeOf(shape));
  expect(values.every((value) => value === 0.5)).toBe(true);
  for (const handle of [x.handle, indices.handle, rows]) gpu.release(handle);
});
