import { binaryOps, broadcastShapes, compareOps, DTypeError } from '@tempograd/core/backend';
import type { Backend, Operand, OperandOrNumber, Shape } from '@tempograd/core/backend';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floats, integers, useGpu } from '../support/agreement.js';
import type { Input } from '../support/agreement.js';
import { shapes, stretchable } from '../support/shapes.js';
import { expectUlps } from '../support/ulps.js';

const special = [0, -0, 1, -1, 0.5, -2.5, 3, 100, -100, 1e-30, 1e30, 3e38, -3e38, Infinity, -Infinity, NaN];
const column: Input = { shape: [special.length, 1], dtype: 'f32', values: special };
const row: Input = { shape: [special.length], dtype: 'f32', values: special };
const square = [special.length, special.length];
const integerOps = ['add', 'sub', 'mul', 'maximum', 'minimum'] as const;
/** Their results are as exact as f32 is, or their operands. */
const ulpsOf = (op: string): number => ({ div: 3, pow: 3, add: 1, sub: 1, mul: 1 })[op] ?? 0;

const gpu = useGpu();

const pairsOfShapes = shapes().chain((full) => fc.tuple(stretchable(full), stretchable(full)));

test.each(binaryOps)('%s broadcasts', async (op) => {
  await fc.assert(
    fc.asyncProperty(pairsOfShapes, async ([a, b]) => {
      const shape = broadcastShapes(a, b, op);
      const positive = { ...floats(a, 1), values: Array.from(floats(a, 1).values, Math.abs) };
      const inputs = [op === 'pow' ? positive : floats(a, 1), floats(b, 2)];
      await expectUlps(gpu(), inputs, (k, x, y) => [{ ...x, shape, handle: k.binary(op, x, y) }], ulpsOf(op));
    }),
    { numRuns: 30 },
  );
});

test.each(binaryOps)('%s of special values', async (op) => {
  const program = (k: Backend, x: Operand, y: Operand) => [{ ...x, shape: square, handle: k.binary(op, x, y) }];
  await expectUlps(gpu(), [column, row], (k, x, y) => program(k, x, y), ulpsOf(op));
});

test.each(compareOps)('%s gives 0 or 1', async (op) => {
  const program = (shape: Shape) => (k: Backend, x?: Operand, y?: Operand) => [
    { shape, dtype: 'i32' as const, handle: k.compare(op, x!, y!) },
  ];
  await expectUlps(gpu(), [column, row], program(square));
  await expectUlps(gpu(), [integers([6, 5], 1, 0, 4), integers([5], 2, 0, 4)], program([6, 5]));
  const ends: Input = { shape: [5], dtype: 'i32', values: [-(2 ** 31), 2 ** 31 - 1, 0, -1, 1] };
  await expectUlps(gpu(), [{ ...ends, shape: [5, 1] }, ends], program([5, 5]));
});

test.each(integerOps)('%s of integers wraps around', async (op) => {
  const far = integers([5, 1, 7], 1, -(2 ** 31), 2 ** 31);
  const near = integers([3, 1], 2, -50, 50);
  for (const inputs of [
    [far, near],
    [far, { ...far, shape: [5, 7, 1] }],
  ]) {
    const shape = broadcastShapes(inputs[0]!.shape, inputs[1]!.shape, op);
    await expectUlps(gpu(), inputs, (k, x, y) => [{ ...x, shape, handle: k.binary(op, x, y) }]);
  }
});

test('a number on either side is a scalar', async () => {
  const values = [1 / 3, -0, 1e30, Infinity, -Infinity, NaN].map(Math.fround);
  for (const op of [...binaryOps, ...compareOps]) {
    const dtype = (compareOps as readonly string[]).includes(op) ? 'i32' : null;
    const apply = (k: Backend, a: OperandOrNumber, b: OperandOrNumber) =>
      dtype === null ? k.binary(op as 'add', a, b) : k.compare(op as 'less', a, b);
    await expectUlps(
      gpu(),
      [floats([7, 3], 1, 2)],
      (k, x) =>
        values.flatMap((value) => [
          { ...x, dtype: dtype ?? x.dtype, handle: apply(k, x, value) },
          { ...x, dtype: dtype ?? x.dtype, handle: apply(k, value, x) },
        ]),
      ulpsOf(op),
    );
  }
  for (const op of integerOps) {
    await expectUlps(gpu(), [integers([7, 3], 1, -9, 9)], (k, x) =>
      [7, -3, 0, 2 ** 31 - 1, -(2 ** 31)].flatMap((value) => [
        { ...x, handle: k.binary(op, x, value) },
        { ...x, handle: k.binary(op, value, x) },
      ]),
    );
  }
});

test('select broadcasts all three', async () => {
  const triples = shapes().chain((full) => fc.tuple(stretchable(full), stretchable(full), stretchable(full)));
  await fc.assert(
    fc.asyncProperty(triples, async ([c, a, b]) => {
      const shape = broadcastShapes(c, broadcastShapes(a, b, 'select'), 'select');
      const inputs = [integers(c, 1, -1, 2), integers(a, 2, -9, 9), integers(b, 3, -9, 9)];
      await expectUlps(gpu(), inputs, (k, x, y, z) => [{ ...y, shape, handle: k.select(x, y, z) }]);
    }),
    { numRuns: 30 },
  );
});

test('select leaks no NaN from the branch not taken, and takes numbers', async () => {
  const inputs: Input[] = [
    { shape: [5], dtype: 'i32', values: [1, 0, 7, 0, -1] },
    { shape: [5], dtype: 'f32', values: [1, NaN, 3, NaN, 5] },
    { shape: [5], dtype: 'f32', values: [NaN, 2, NaN, 4, NaN] },
  ];
  await expectUlps(gpu(), inputs, (k, c, a, b) => [
    { ...a, handle: k.select(c, a, b) },
    { ...a, handle: k.select(c, a, Infinity) },
    { ...a, handle: k.select(c, NaN, b) },
  ]);
});

test('shapes of more axes than a kernel walks', async () => {
  const full = Array.from({ length: 11 }, (_, axis) => (axis === 4 ? 3 : 2));
  const along = (rest: number): Shape => full.map((length, axis) => (axis % 2 === rest ? length : 1));
  const inputs = [floats(along(0), 1), floats(along(1), 2), integers(along(1), 3, 0, 2)];
  await expectUlps(gpu(), inputs, (k, x, y, c) => [
    { ...x, shape: full, handle: k.binary('maximum', x, y) },
    { ...x, shape: full, handle: k.select(c, x, y) },
  ]);
});

test('operands that are views, or one and the same', async () => {
  const inputs = [floats([9, 7], 1), floats([7], 2), integers([9, 7], 3, 0, 2)];
  await expectUlps(gpu(), inputs, (k, x, y, c) => {
    const part = (whole: Operand) => ({ ...whole, shape: [3, 7], handle: k.slice(whole, [5, 0], [3, 7]) });
    const [rows, chosen] = [part(x), part(c)];
    const results = [
      { ...rows, handle: k.binary('maximum', rows, y) },
      { ...rows, handle: k.binary('minimum', rows, rows) },
      { ...rows, dtype: 'i32' as const, handle: k.compare('less', rows, y) },
      { ...rows, handle: k.select(chosen, rows, y) },
      { ...rows, handle: k.unary('neg', rows) },
      { ...rows, dtype: 'i32' as const, handle: k.cast(rows, 'i32') },
    ];
    for (const { handle } of [rows, chosen]) k.release(handle);
    return results;
  });
});

test('sizes around those of a workgroup', async () => {
  for (const size of [255, 256, 257, 1023, 1024, 1025, 4097, 70_001]) {
    await expectUlps(gpu(), [floats([size], 1), floats([size], 2)], (k, x, y) => [
      { ...x, handle: k.binary('maximum', x, y) },
      { ...x, handle: k.unary('abs', x) },
    ]);
  }
});

test('what has no integers says so', () => {
  const x: Operand = { handle: gpu().write(Int32Array.of(1, 2), [2], 'i32'), shape: [2], dtype: 'i32' };
  const before = gpu().memory().buffers;
  for (const op of ['div', 'pow'] as const) expect(() => gpu().binary(op, x, 2)).toThrow(DTypeError);
  for (const op of ['exp', 'floor', 'tanh'] as const) expect(() => gpu().unary(op, x)).toThrow(/Cast it first/);
  expect(gpu().memory().buffers).toBe(before);
  gpu().release(x.handle);
});
