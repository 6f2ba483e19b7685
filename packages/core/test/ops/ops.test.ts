import { createBackend } from '@tempograd/backend-js';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/index.js';
import * as tg from '../../src/index.js';
import { scope, tensor, useBackend, type Tensor } from '../../src/index.js';
import { deviceLike } from './support.js';

const sync: Backend = createBackend();
const device = deviceLike();

/** The values of what a function makes, as nested lists; what it made is disposed of. */
async function nested(backend: Backend, fn: () => Tensor): Promise<unknown> {
  useBackend(backend);
  const made = scope(fn);
  const flat = [...(await made.read())].map((value) => (Object.is(value, -0) ? 0 : value));
  const { shape } = made;
  made.dispose();
  const build = (axis: number, from: number, size: number): unknown => {
    const length = shape[axis];
    if (length === undefined) return flat[from];
    const part = size / length;
    return Array.from({ length }, (_row, row) => build(axis + 1, from + row * part, part));
  };
  return build(0, 0, flat.length);
}

const i32 = (values: tg.NestedNumbers): Tensor => tensor(values, { dtype: 'i32' });
const matrix = (): Tensor => tensor([[3, 1, 2], [4, 6, 5]]); // prettier-ignore
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const cases: readonly [name: string, fn: () => Tensor, expected: unknown][] = [
  ['notEqual', () => tg.notEqual(tensor([1, nan, 2]), tensor([1, nan, 3])), [0, 1, 1]],
  ['greater', () => tg.greater(tensor([1, 2, nan]), 1), [0, 1, 0]],
  ['greaterEqual', () => tg.greaterEqual(2, tensor([1, 2, 3])), [1, 1, 0]],
  ['logicalNot', () => tg.logicalNot(i32([0, 1, 7])), [1, 0, 0]],
  ['logicalAnd', () => tg.logicalAnd(i32([0, 2, 1]), i32([1, 4, 0])), [0, 1, 0]],
  ['logicalOr', () => tg.logicalOr(i32([0, 2, 0]), i32([0, 0, -3])), [0, 1, 1]],
  ['where', () => tg.where(i32([1, 0]), tensor([1, 2]), 9), [1, 9]],
  ['isNaN', () => tg.isNaN(tensor([nan, inf, 0])), [1, 0, 0]],
  ['isFinite', () => tg.isFinite(tensor([nan, inf, -inf, 3.4028234663852886e38])), [0, 0, 0, 1]],
  ['isFinite of integers', () => tg.isFinite(i32([-(2 ** 31), 5])), [1, 1]],
  ['any', () => tg.any(tensor([[0, 0], [0, nan]]), { axes: 1 }), [0, 1]], // prettier-ignore
  ['all', () => tg.all(tensor([[0, 1], [2, 1]]), { axes: 1, keepAxes: true }), [[0], [1]]], // prettier-ignore
  ['any of nothing', () => tg.any(tg.zeros([0])), 0],
  ['all of nothing', () => tg.all(tg.zeros([0])), 1],

  ['min', () => tg.min(matrix(), { axes: 1 }), [1, 4]],
  ['min of the least integer', () => tg.min(i32([5, -(2 ** 31), 2 ** 31 - 1])), -(2 ** 31)],
  ['min of NaN', () => tg.min(tensor([1, nan])), nan],
  ['prod', () => tg.prod(matrix(), { axes: 0 }), [12, 6, 10]],
  ['prod of all', () => tg.prod(i32([[1, 2, 3], [4, 5, -1]]), { keepAxes: true }), [[-120]]], // prettier-ignore
  ['prod of nothing', () => tg.prod(tg.zeros([2, 0]), { axes: 1 }), [1, 1]],
  ['variance', () => tg.variance(tensor([1, 2, 3, 4]), { correction: 0 }), 1.25],
  ['variance, unbiased', () => tg.variance(tensor([[1, 2, 6]]), { axes: -1 }), [7]],
  ['std', () => tg.std(tensor([1, 5, 9])), 4],
  ['norm', () => tg.norm(tensor([[3, 4], [0, 0]]), { axes: 1 }), [5, 0]], // prettier-ignore
  ['norm that would overflow', () => tg.norm(tensor([-1e38, 0])), Math.fround(1e38)],
  ['norm of an infinity', () => tg.norm(tensor([inf, 1])), inf],
  ['norm of NaN', () => tg.norm(tensor([nan, 1])), nan],
  ['norm of nothing', () => tg.norm(tg.zeros([0])), 0],
  ['norm 1', () => tg.norm(tensor([3, -4]), { order: 1 }), 7],
  ['norm ∞', () => tg.norm(tensor([3, -4]), { order: Infinity, keepAxes: true }), [4]],

  ['argmax', () => tg.argmax(matrix()), [0, 1]],
  ['argmax along the first axis', () => tg.argmax(matrix(), { axis: 0, keepAxes: true }), [[1, 1, 1]]],
  ['argmax of equal ones', () => tg.argmax(i32([[2, 2, 1], [0, 0, 0]])), [0, 0]], // prettier-ignore
  ['argmax with NaN', () => tg.argmax(tensor([1, nan, inf, nan])), 1],
  ['argmax of −∞', () => tg.argmax(tensor([-inf, -inf])), 0],
  ['argmin', () => tg.argmin(matrix()), [1, 0]],
  ['argmin of the least integer', () => tg.argmin(i32([0, -(2 ** 31), 2 ** 31 - 1])), 1],
  ['argmin of an empty batch', () => tg.argmin(tg.zeros([0, 3])), []],

  ['sort', () => tg.sort(tensor([3, nan, 1, -inf, 2])), [-inf, 1, 2, 3, nan]],
  ['sort descending', () => tg.sort(tensor([3, nan, 1, -inf, 2]), { descending: true }), [nan, 3, 2, 1, -inf]],
  ['sort along the first axis', () => tg.sort(matrix(), { axis: 0, descending: true }), [[4, 6, 5], [3, 1, 2]]], // prettier-ignore
  ['argsort', () => tg.argsort(i32([2, 1, 2, 1])), [1, 3, 0, 2]],
  ['argsort descending', () => tg.argsort(i32([2, 1, 2, 1]), { descending: true }), [0, 2, 1, 3]],
  ['argsort of NaN', () => tg.argsort(tensor([nan, 1, nan])), [1, 0, 2]],
  ['sort of one', () => tg.sort(tensor([[1], [2]])), [[1], [2]]], // prettier-ignore
  ['sort of nothing', () => tg.sort(tg.zeros([2, 0])), [[], []]],
  ['topK', () => tg.topK(matrix(), 2).values, [[3, 2], [6, 5]]], // prettier-ignore
  ['topK, where', () => tg.topK(matrix(), 2).indices, [[0, 2], [1, 2]]], // prettier-ignore
  ['topK, smallest', () => tg.topK(matrix(), 1, { axis: 0, smallest: true }).values, [[3, 1, 2]]],
  ['topK with −∞ and NaN', () => tg.topK(tensor([-inf, nan, -inf, nan]), 4).indices, [1, 3, 0, 2]],
  ['topK of equal ones', () => tg.topK(i32([1, 1, 1]), 2).indices, [0, 1]],
  ['topK of none', () => tg.topK(matrix(), 0).values, [[], []]],

  ['softmax', () => tg.softmax(tensor([0, 0])), [0.5, 0.5]],
  ['softmax of what would overflow', () => tg.softmax(tensor([[1e30, -1e30], [-1e30, -1e30]])), [[1, 0], [0.5, 0.5]]], // prettier-ignore
  ['softmax of masked rows', () => tg.softmax(tensor([[-inf, 7], [-inf, -inf]])), [[0, 1], [nan, nan]]], // prettier-ignore
  ['softmax with NaN', () => tg.softmax(tensor([[nan, 7], [1, 1]])), [[nan, nan], [0.5, 0.5]]], // prettier-ignore
  ['softmax along the first axis', () => tg.softmax(tensor([[1, 2], [1, 2]]), { axis: 0 }), [[0.5, 0.5], [0.5, 0.5]]], // prettier-ignore
  ['softmax with a mask', () => tg.softmax(tensor([[5, nan, 5], [nan, inf, 1]]), { mask: i32([[1, 0, 1], [0, 0, 0]]) }), [[0.5, 0, 0.5], [0, 0, 0]]], // prettier-ignore
  ['softmax of nothing', () => tg.softmax(tg.zeros([2, 0])), [[], []]],
  ['logSoftmax', () => tg.logSoftmax(tensor([1e30, -1e30])), [0, Math.fround(-2e30)]],
  ['logSoftmax of −∞', () => tg.logSoftmax(tensor([-inf, 3])), [-inf, 0]],
  ['logSumExp', () => tg.logSumExp(tensor([[1e30, 0], [-inf, -inf]]), { axes: 1 }), [Math.fround(1e30), -inf]], // prettier-ignore
  ['logSumExp of an infinity', () => tg.logSumExp(tensor([inf, 0]), { keepAxes: true }), [inf]],

  ['softplus', () => tg.softplus(tensor([-1e30, 1e30, -inf, inf, nan])), [0, Math.fround(1e30), 0, inf, nan]],
  ['logSigmoid', () => tg.logSigmoid(tensor([-1e30, 1e30])), [Math.fround(-1e30), 0]],
  ['silu', () => tg.silu(tensor([-1e30, 0, 1e30])), [0, 0, Math.fround(1e30)]],
  ['gelu', () => tg.gelu(tensor([-1e30, 0, 1e30])), [0, 0, Math.fround(1e30)]],
  ['leakyRelu', () => tg.leakyRelu(tensor([-2, 0, 3, nan]), 0.5), [-1, 0, 3, nan]],
  ['elu', () => tg.elu(tensor([-inf, 0, 3]), 2), [-2, 0, 3]],
  ['elu near 0', () => tg.elu(tensor([-1e-12])), [Math.fround(-1e-12)]],
  ['ceil', () => tg.ceil(tensor([-1.5, 1.2, 2])), [-1, 2, 2]],
  ['round', () => tg.round(tensor([0.5, 1.5, -0.5, -1.5, 2.4, 2.6, -inf, nan])), [0, 2, 0, -2, 2, 3, -inf, nan]],
  ['clamp', () => tg.clamp(tensor([-2, 0.5, 2, nan]), -1, 1), [-1, 0.5, 1, nan]],
  ['clamp between tensors', () => tg.clamp(i32([1, 5]), i32([2, 2]), 3), [2, 3]],
  ['clamp with low above high', () => tg.clamp(tensor([0]), 3, 1), [1]],

  ['cumsum', () => tg.cumsum(tensor([1, 2, 3, 4, 5]), { axis: 0 }), [1, 3, 6, 10, 15]],
  ['cumsum, reversed', () => tg.cumsum(matrix(), { axis: 1, reverse: true }), [[6, 3, 2], [15, 11, 5]]], // prettier-ignore
  ['cumsum with NaN and ∞', () => tg.cumsum(tensor([1, inf, 2, nan, 3]), { axis: 0 }), [1, inf, inf, nan, nan]],
  ['cumsum of one', () => tg.cumsum(i32([7]), { axis: 0 }), [7]],
  ['cumsum of nothing', () => tg.cumsum(tg.zeros([0, 2]), { axis: 0 }), []],
  ['cumprod', () => tg.cumprod(i32([1, 2, 3, 4]), { axis: 0 }), [1, 2, 6, 24]],
  ['cummax', () => tg.cummax(tensor([1, 3, 2, 5]), { axis: 0 }), [1, 3, 3, 5]],
  ['cummin', () => tg.cummin(tensor([[4, 3, 5, 1]]), { axis: 1 }), [[4, 3, 3, 1]]],

  ['oneHot', () => tg.oneHot(i32([[0, 2]]), 3), [[[1, 0, 0], [0, 0, 1]]]], // prettier-ignore
  ['oneHot of a scalar', () => tg.oneHot(tg.scalar(1, { dtype: 'i32' }), 2, { dtype: 'i32' }), [0, 1]],
  ['arange', () => tg.arange(2, 5), [2, 3, 4]],
  ['arange by steps', () => tg.arange(0, 1, { step: 0.25, dtype: 'f32' }), [0, 0.25, 0.5, 0.75]],
  ['arange down', () => tg.arange(3, 0, { step: -2 }), [3, 1]],
  ['arange of nothing', () => tg.arange(3, 0), []],
  ['linspace', () => tg.linspace(-1, 1, 5), [-1, -0.5, 0, 0.5, 1]],
  ['linspace of one', () => tg.linspace(3, 9, 1), [3]],
  ['linspace of two', () => tg.linspace(3, 9, 2), [3, 9]],
  ['eye', () => tg.eye(2, 3), [[1, 0, 0], [0, 1, 0]]], // prettier-ignore

  ['squeeze', () => tg.squeeze(tensor([[[1], [2]]])), [1, 2]],
  ['squeeze of one axis', () => tg.squeeze(tensor([[[1], [2]]]), -1), [[1, 2]]],
  ['unsqueeze', () => tg.unsqueeze(tensor([1, 2]), -1), [[1], [2]]],
  ['swapAxes', () => tg.swapAxes(matrix(), 0, -1), [[3, 4], [1, 6], [2, 5]]], // prettier-ignore
  ['splitAxis', () => tg.splitAxis(matrix(), [1, 2], 1)[1] as Tensor, [[1, 2], [6, 5]]], // prettier-ignore
  ['splitAxis with a shorter last part', () => tg.splitAxis(tensor([1, 2, 3]), 2)[1] as Tensor, [3]],
  ['chunk', () => tg.chunk(tensor([1, 2, 3, 4, 5]), 3)[2] as Tensor, [5]],
  ['unstack', () => tg.unstack(matrix(), 1)[2] as Tensor, [2, 5]],
  ['tile', () => tg.tile(tensor([[1, 2]]), [2, 2]), [[1, 2, 1, 2], [1, 2, 1, 2]]], // prettier-ignore
  ['tile with another axis', () => tg.tile(tensor([1, 2]), [2, 1]), [[1, 2], [1, 2]]], // prettier-ignore
  ['repeatEach', () => tg.repeatEach(tensor([[1], [2]]), 2), [[1], [1], [2], [2]]], // prettier-ignore
  ['roll', () => tg.roll(tensor([1, 2, 3]), 1), [3, 1, 2]],
  ['roll to the front', () => tg.roll(matrix(), -4, 1), [[1, 2, 3], [6, 5, 4]]], // prettier-ignore
  ['pad', () => tg.pad(tensor([[1, 2]]), [[1, 0], [0, 2]], 9), [[9, 9, 9, 9], [1, 2, 9, 9]]], // prettier-ignore
  ['tril', () => tg.tril(matrix()), [[3, 0, 0], [4, 6, 0]]], // prettier-ignore
  ['tril above', () => tg.tril(matrix(), 1), [[3, 1, 0], [4, 6, 5]]], // prettier-ignore
  ['triu', () => tg.triu(matrix()), [[3, 1, 2], [0, 6, 5]]], // prettier-ignore
  ['triu far below', () => tg.triu(matrix(), -99), [[3, 1, 2], [4, 6, 5]]], // prettier-ignore
  ['dot', () => tg.dot(tensor([1, 2]), tensor([3, 4])), 11],
  ['outer', () => tg.outer(tensor([1, 2]), tensor([3, 4, 5])), [[3, 4, 5], [6, 8, 10]]], // prettier-ignore
  ['gather along the last axis', () => tg.gather(matrix(), i32([2, 0]), -1), [[2, 3], [5, 4]]], // prettier-ignore
  ['gather a matrix of rows along a middle axis', () => tg.gather(tensor([[[1], [2]], [[3], [4]]]), i32([[1, 0]]), 1), [[[[2], [1]]], [[[4], [3]]]]], // prettier-ignore
  ['takeAlong', () => tg.takeAlong(matrix(), i32([[2], [0]]), 1), [[2], [4]]], // prettier-ignore
  ['takeAlong the first axis', () => tg.takeAlong(matrix(), i32([[1, 0, 1]]), 0), [[4, 1, 5]]],
  ['takeAlong outside', () => tg.takeAlong(matrix(), i32([[3], [-1]]), 1), [[nan], [nan]]], // prettier-ignore
];

beforeEach(() => {
  const before = [sync, device].map((backend) => backend.memory().buffers);
  return () =>
    expect(
      [sync, device].map((backend) => backend.memory().buffers),
      'live buffers',
    ).toEqual(before);
});

describe.each([
  ['where values can be read at once', sync],
  ['where they cannot', device],
] as const)('values, %s', (_, backend) => {
  test.each(cases)('%s', async (_name, fn, expected) => {
    expect(await nested(backend, fn)).toEqual(expected);
  });
});

test('what is too long for one piece is sorted on the device all the same', async () => {
  useBackend(device);
  const [rows, n] = [3, 900];
  // Whole numbers, so that many are equal, with some NaN.
  const values = Float32Array.from({ length: rows * n }, (_, index) => (index % 97 === 5 ? nan : (index * 7919) % 211));
  const sorted = scope(() =>
    [false, true].map((descending) => tg.argsort(tg.fromArray(values, [rows, n]), { descending })),
  );
  for (const [index, order] of sorted.entries()) {
    const sign = index === 0 ? 1 : -1;
    const above = (value: number): number => (Number.isNaN(value) ? 1000 : value);
    const expected = Array.from({ length: rows }, (_, row) =>
      Array.from({ length: n }, (_each, at) => at).sort((i, j) => {
        const [a, b] = [above(values[row * n + i] as number), above(values[row * n + j] as number)];
        return sign * (a - b) || i - j;
      }),
    ).flat();
    expect([...(await order.read())]).toEqual(expected);
    order.dispose();
  }
});

test.each<[name: string, call: () => unknown, message: string]>([
  [
    'dim',
    () => tg.softmax(tensor([1]), { dim: 0 } as never),
    'softmax: there is no option "dim". Here it is called axis.',
  ],
  [
    'axes',
    () => tg.argmax(tensor([1]), { axes: 0 } as never),
    'argmax: there is no option "axes". Here it is called axis.',
  ],
  ['unbiased', () => tg.std(tensor([1, 2]), { unbiased: false } as never), 'Here it is called correction.'],
  [
    'arange of one number',
    () => (tg.arange as (stop: number) => unknown)(5),
    'arange: stop is missing; write arange(0, 5).',
  ],
  ['too many numbers', () => tg.arange(0, 1e11), 'arange: 100000000000 numbers are more than this machine can hold.'],
  [
    'a class that is none',
    () => tg.oneHot(i32([[0, 3]]), 3),
    'oneHot: class 3 at [0, 1] is not one of the 3 classes; they are 0 to 2.',
  ],
  [
    'an axis of a number alone',
    () => tg.sum(tg.scalar(1), { axes: 0 }),
    'sum: axis 0 is not an axis of []; a number alone has none, reshape(x, [1]) gives it one.',
  ],
  ['a bound that is none', () => tg.clamp(tensor([1]), 'x' as never, 1), 'clamp: low must be a number or a tensor'],
  [
    'a bound that is no number',
    () => tg.clamp(tensor([1]), NaN, 1),
    'clamp: low must be a number or a tensor, but is the number NaN',
  ],
  ['greater of a text', () => tg.greater(tensor([1]), 'x' as never), 'greater: needs tensors or numbers'],
])('what PyTorch has by another name, or what is none, is told: %s', (_, call, message) => {
  useBackend(sync);
  scope(() => expect(call).toThrow(message));
});
