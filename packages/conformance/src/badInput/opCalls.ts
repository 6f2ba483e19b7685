import * as tg from '@tempograd/core';
import { binaryOps, compareOps, unaryOps } from '@tempograd/core/backend';
import type { Call, TensorPlace } from './Call.js';

type Any = never;

const matrix: TensorPlace = { shape: [3, 4] };
const anyShape: TensorPlace = { ...matrix, free: ['shape'] };
/** May be of any shape and dtype. */
const any: TensorPlace = { ...matrix, free: ['shape', 'dtype', 'float dtype'] };
const alsoWhole = ['neg', 'abs', 'sign', 'relu'];

const unary = unaryOps.map((op): Call => ({
  name: op,
  tensors: { x: alsoWhole.includes(op) ? any : anyShape },
  run: ({ x }) => tg[op](x!),
}));

const operand: TensorPlace = { ...matrix, free: ['number'] };
const binary = [...binaryOps, ...compareOps].map((op): Call => ({
  name: op,
  tensors: { a: operand, b: operand },
  run: ({ a, b }) => tg[op](a!, b!),
}));

const noAxes = [NaN, 2, -3, 0.5, 'x', [0, 0], {}] as const;
const noShapes = [[5], [-1, -1], [NaN], ['x'], null, 7, 'x', [3, -4]] as const;
const noFunctions = [null, 3, 'x', {}] as const;

const reductions = (['sum', 'max', 'mean'] as const).map((op): Call => ({
  name: op,
  tensors: { x: op === 'mean' ? anyShape : any },
  others: { options: [{ axes: 0 }, ...noAxes.map((axes) => ({ axes })), { keepAxes: 1 }, 3, null] },
  run: ({ x }, { options }) => tg[op](x!, options as Any),
}));

/** Ops, views and what makes tensors. */
export const opCalls: readonly Call[] = [
  ...unary,
  ...binary,
  ...reductions,
  {
    name: 'select',
    tensors: { condition: { shape: [3, 4], kind: 'i32' }, a: operand, b: operand },
    run: ({ condition, a, b }) => tg.select(condition!, a!, b!),
  },
  {
    name: 'cast',
    tensors: { x: any },
    others: { dtype: ['i32', 'f16', null, 3, undefined] },
    run: ({ x }, { dtype }) => tg.cast(x!, dtype as Any),
  },
  {
    name: 'matmul',
    tensors: { a: matrix, b: { shape: [4, 2] } },
    others: { options: [{}, null, 3, { transpose: true }, { transposeA: 1 }] },
    run: ({ a, b }, { options }) => tg.matmul(a!, b!, options as Any),
  },
  {
    name: 'reshape',
    tensors: { x: { ...matrix, free: ['dtype', 'float dtype'] } },
    others: { shape: [[4, 3], ...noShapes] },
    run: ({ x }, { shape }) => tg.reshape(x!, shape as Any),
  },
  {
    name: 'transpose',
    tensors: { x: { ...matrix, free: ['dtype', 'float dtype'] } },
    others: { permutation: [[1, 0], [0], [0, 0], [0, 2], [NaN, 0], 3, 'x', null] },
    run: ({ x }, { permutation }) => tg.transpose(x!, permutation as Any),
  },
  {
    name: 'broadcastTo',
    tensors: { x: { ...matrix, free: ['dtype', 'float dtype'] } },
    others: { shape: [[2, 3, 4], [4, 3], [4], [2, NaN, 4], [2.5, 3, 4], null, 7, 'x', ['x', 3, 4]] },
    run: ({ x }, { shape }) => tg.broadcastTo(x!, shape as Any),
  },
  {
    name: 'slice',
    tensors: { x: { ...matrix, free: ['dtype', 'float dtype'] } },
    others: {
      begin: [[0, 1], [0], [-1, 0], [NaN, 0], [0, 4], [0.5, 0], null, 3, 'xy', ['x', 'y']],
      size: [[3, 2], [3], [4, 1], [NaN, 1], [-2, 1], null, 3, 'xy'],
    },
    run: ({ x }, { begin, size }) => tg.slice(x!, begin as Any, size as Any),
  },
  {
    name: 'sliceAxis',
    tensors: { x: any },
    others: { from: [0, NaN, -1, 3, 'x', null, 0.5], to: [2, NaN, 9, 'x', null, 1.5], axis: [0, NaN, 9, 'x', null] },
    run: ({ x }, { from, to, axis }) => tg.sliceAxis(x!, from as Any, to as Any, axis as Any),
  },
  {
    name: 'row',
    tensors: { x: any },
    others: { index: [1, NaN, 3, -1, 0.5, 'x', null, undefined] },
    run: ({ x }, { index }) => tg.row(x!, index as Any),
  },
  ...(['concat', 'stack'] as const).map((op): Call => ({
    name: op,
    tensors: { a: matrix, b: matrix },
    others: { axis: [0, NaN, 9, 'x', null] },
    run: ({ a, b }, { axis }) => tg[op]([a!, b!], axis as Any),
  })),
  {
    name: 'flip',
    tensors: { x: any },
    others: { axes: [1, NaN, 9, 'x', [1, 1], null] },
    run: ({ x }, { axes }) => tg.flip(x!, axes as Any),
  },
  {
    name: 'gather',
    tensors: { x: any, indices: { shape: [2], kind: 'i32', free: ['shape'] } },
    run: ({ x, indices }) => tg.gather(x!, indices!),
  },
  {
    name: 'scatterAdd',
    tensors: { indices: { shape: [3], kind: 'i32' }, updates: { ...matrix, free: ['dtype', 'float dtype'] } },
    others: { rows: [5, NaN, -1, 0.5, 'x', null, undefined] },
    run: ({ indices, updates }, { rows }) => tg.scatterAdd(indices!, updates!, rows as Any),
  },
  ...(['zerosLike', 'onesLike', 'stopGradient'] as const).map((op): Call => ({
    name: op,
    // Zeros and ones look at the shape alone.
    tensors: {
      x: {
        ...any,
        free: [...any.free!, ...(op === 'stopGradient' ? (['null', 'tree'] as const) : (['disposed'] as const))],
      },
    },
    run: ({ x }) => tg[op](x!),
  })),
  {
    name: 'assign',
    tensors: { target: matrix, source: matrix },
    run: ({ target, source }) => tg.assign(target!, source!),
  },
  {
    name: 'globalNorm',
    tensors: { x: { ...matrix, free: ['shape', 'tree', 'null'] }, y: { ...matrix, free: ['shape', 'tree', 'null'] } },
    run: ({ x, y }) => tg.globalNorm({ x, y }),
  },
  {
    name: 'grad',
    tensors: { x: { ...anyShape, free: ['shape', 'tree', 'null', 'dtype', 'float dtype'] } },
    others: {
      fn: [tg.sum, ...noFunctions, (x: tg.Tensor) => x, () => null, () => 3],
    },
    run: ({ x }, { fn }) => tg.grad(fn as Any)(x),
  },
  {
    name: 'vjp',
    tensors: {
      x: { ...anyShape, free: ['shape', 'tree', 'null', 'dtype', 'float dtype'] },
      cotangent: { ...matrix, free: ['null'] },
    },
    others: { fn: [tg.tanh, ...noFunctions, () => 3] },
    run: ({ x, cotangent }, { fn }) => {
      using pullback = tg.vjp<tg.Tensor, tg.Tensor>(fn as Any, x!).pullback;
      return pullback(cotangent!);
    },
  },
  {
    name: 'jvp',
    tensors: { x: matrix, tangent: matrix },
    others: { fn: [tg.tanh, ...noFunctions, () => 3] },
    run: ({ x, tangent }, { fn }) => tg.jvp(fn as Any, x, tangent),
  },
  {
    name: 'vmap',
    tensors: { x: any },
    others: {
      fn: [tg.relu, ...noFunctions, () => 3],
      options: [{}, null, 3, { in: 5 }, { in: NaN }, { in: null }, { axis: 0 }],
    },
    run: ({ x }, { fn, options }) => tg.vmap(fn as Any, options as Any)(x),
  },
  ...(['jacobian', 'jacobianForward'] as const).map((op): Call => ({
    name: op,
    tensors: { x: anyShape },
    others: { fn: [tg.tanh, ...noFunctions, () => 3] },
    run: ({ x }, { fn }) => tg[op](fn as Any)(x),
  })),
  {
    name: 'trace',
    // Of an example the shape and dtype are looked at alone.
    tensors: { x: { ...any, free: [...any.free!, 'null', 'tree', 'disposed'] } },
    others: { fn: [tg.onesLike, ...noFunctions, () => 3] },
    run: ({ x }, { fn }) => tg.trace(fn as Any, x as Any).dispose(),
  },
];
