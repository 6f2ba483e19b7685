import * as tg from '@tempograd/core';
import type { Call, TensorPlace } from './Call.js';

type Any = never;

const matrix: TensorPlace = { shape: [3, 4] };
/** A float of any shape. */
const float: TensorPlace = { ...matrix, free: ['shape'] };
/** Of any shape and dtype. */
const any: TensorPlace = { ...matrix, free: ['shape', 'dtype', 'float dtype'] };
const whole: TensorPlace = { ...matrix, kind: 'i32' };
/** Where a tensor or a number may stand. */
const operand: TensorPlace = { ...matrix, free: ['number'] };

const noAxes = [NaN, 2, -3, 0.5, 'x', null] as const;
const noCounts = [-1, 0.5, NaN, 'x', null] as const;
const noOptions = [3, null, 'x', { dim: 0 }] as const;

const activations = (['softplus', 'logSigmoid', 'silu', 'gelu', 'leakyRelu', 'elu', 'ceil', 'round'] as const).map(
  (op): Call => ({ name: op, tensors: { x: float }, run: ({ x }) => tg[op](x!) }),
);

const reductions = (['min', 'prod', 'any', 'all', 'logSumExp', 'variance', 'std', 'norm'] as const).map((op): Call => ({
  name: op,
  tensors: { x: ['min', 'prod', 'any', 'all'].includes(op) ? any : float },
  others: { options: [{ axes: 0 }, ...noAxes.map((axes) => ({ axes })), ...noOptions] },
  run: ({ x }, { options }) => tg[op](x!, options as Any),
}));

const along = (
  ['softmax', 'logSoftmax', 'argmax', 'argmin', 'sort', 'argsort', 'cumsum', 'cumprod', 'cummax', 'cummin'] as const
).map((op): Call => ({
  name: op,
  tensors: { x: op.endsWith('oftmax') ? float : any },
  others: { options: [{ axis: 1 }, ...noAxes.map((axis) => ({ axis })), ...noOptions] },
  run: ({ x }, { options }) => tg[op](x!, options as Any),
}));

const withOneNumber = (
  [
    ['unsqueeze', 0, [NaN, 3, -4, 0.5, 'x', null]],
    ['squeeze', [], [0, [9], NaN, 'x', null]],
    ['unstack', 1, noAxes],
    ['splitAxis', 2, [...noCounts, 0, [1, 1], [4, -1], {}]],
    ['chunk', 2, [...noCounts, 0]],
    ['repeatEach', 2, noCounts],
    ['tile', [1, 2], [[1], [1, -1], [1, NaN], 3, null, 'x']],
    ['roll', 1, [NaN, 0.5, 'x', null]],
    ['pad', [[1, 0], [0, 1]], [[[1, 0]], [[1, 0], [0, -1]], [[1, 0], [0]], 3, null, 'x']], // prettier-ignore
    ['tril', 0, [NaN, 0.5, 'x', null]],
    ['triu', 0, [NaN, 0.5, 'x', null]],
    ['topK', 2, [...noCounts, 5]],
  ] as const
).map(([op, good, bad]): Call => ({
  name: op,
  tensors: { x: any },
  others: { argument: [good, ...bad] },
  run: ({ x }, { argument }) => tg[op](x!, argument as Any),
}));

const withoutTensors = (
  [
    ['arange', [0, 3], [NaN, 'x', null, Infinity]],
    ['linspace', [0, 1, 3], [NaN, 'x', null]],
    ['eye', [2], [...noCounts]],
  ] as const
).map(([op, [first, ...rest], bad]): Call => ({
  name: op,
  tensors: {},
  others: { first: [first, ...bad], options: [{}, ...noOptions] },
  run: (_, { first: given, options }) => {
    const args: unknown[] = op === 'eye' ? [given, 2, options] : [given, ...rest, options];
    return (tg[op] as (...all: unknown[]) => unknown)(...args);
  },
}));

/** Functions that are made of primitives. */
export const composedCalls: readonly Call[] = [
  ...activations,
  ...reductions,
  ...along,
  ...withOneNumber,
  ...withoutTensors,
  ...(['isNaN', 'isFinite'] as const).map((op): Call => ({
    name: op,
    tensors: { x: any },
    run: ({ x }) => tg[op](x!),
  })),
  ...(['notEqual', 'greater', 'greaterEqual'] as const).map((op): Call => ({
    name: op,
    tensors: { a: operand, b: operand },
    run: ({ a, b }) => tg[op](a!, b!),
  })),
  { name: 'logicalNot', tensors: { x: { ...whole, free: ['shape'] } }, run: ({ x }) => tg.logicalNot(x!) },
  ...(['logicalAnd', 'logicalOr'] as const).map((op): Call => ({
    name: op,
    tensors: { a: whole, b: whole },
    run: ({ a, b }) => tg[op](a!, b!),
  })),
  {
    name: 'where',
    tensors: { condition: whole, a: operand, b: operand },
    run: ({ condition, a, b }) => tg.where(condition!, a!, b!),
  },
  {
    name: 'clamp',
    tensors: { x: matrix, low: operand, high: operand },
    run: ({ x, low, high }) => tg.clamp(x!, low!, high!),
  },
  ...(['dot', 'outer'] as const).map((op): Call => ({
    name: op,
    tensors: { a: { shape: [3] }, b: { shape: [3] } },
    run: ({ a, b }) => tg[op](a!, b!),
  })),
  {
    name: 'swapAxes',
    tensors: { x: any },
    others: { first: [0, ...noAxes], second: [1, ...noAxes] },
    run: ({ x }, { first, second }) => tg.swapAxes(x!, first as Any, second as Any),
  },
  {
    name: 'takeAlong',
    tensors: { x: { ...matrix, free: ['dtype', 'float dtype'] }, indices: { shape: [3, 2], kind: 'i32' } },
    others: { axis: [1, 0, ...noAxes] },
    run: ({ x, indices }, { axis }) => tg.takeAlong(x!, indices!, axis as Any),
  },
  {
    name: 'oneHot',
    tensors: { indices: { shape: [2, 3], kind: 'i32', free: ['shape'] } },
    others: { classes: [2, ...noCounts], options: [{}, ...noOptions, { dtype: 'f16' }] },
    run: ({ indices }, { classes, options }) => tg.oneHot(indices!, classes as Any, options as Any),
  },
];
