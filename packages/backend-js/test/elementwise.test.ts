import {
  broadcastShapes,
  sizeOf,
  unaryOps,
  type BinaryOp,
  type CompareOp,
  type UnaryOp,
} from '@tempograd/core/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  indicesOf,
  numbers,
  poisoned,
  positionOf,
  randomTensor,
  shapes,
  stretchable,
  take,
  tensor,
  valuesOf,
} from './helpers.js';

const js = poisoned();
const special = [0, -0, 1, -1, 0.5, -2.5, 100, -100, 1000, -1000, Infinity, -Infinity, NaN];

const unaryFormulas: Record<UnaryOp, (x: number) => number> = {
  neg: (x) => 0 - x || -x,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  relu: (x) => (Number.isNaN(x) ? NaN : x > 0 ? x : 0),
};
const binaryFormulas: Record<BinaryOp, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: Math.pow,
  maximum: (a, b) => (Number.isNaN(a + b) && (Number.isNaN(a) || Number.isNaN(b)) ? NaN : a > b ? a : b),
  minimum: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? NaN : a < b ? a : b),
};
const compareFormulas: Record<CompareOp, (a: number, b: number) => boolean> = {
  equal: (a, b) => a === b,
  less: (a, b) => a < b,
  lessEqual: (a, b) => a <= b,
};

describe('unary', () => {
  it.each(unaryOps)('%s is its formula, at the edges of the numbers too', (op) => {
    const inputs = [...special, ...numbers(50, 1)];
    for (const dtype of ['f64', 'f32'] as const) {
      const x = tensor(js, inputs, [inputs.length], dtype);
      const actual = take(js, js.unary(op, x), x.shape, dtype);
      const round = dtype === 'f32' ? Math.fround : (value: number) => value;
      for (const [i, value] of valuesOf(js, x).entries()) {
        const expected = round(unaryFormulas[op](value));
        if (Number.isFinite(expected)) expect(actual[i]).toBeCloseTo(expected, 12);
        else expect(actual[i]).toBe(expected);
      }
      js.release(x.handle);
    }
  });

  it.each(['neg', 'abs', 'sign', 'relu'] as const)('%s takes i32', (op) => {
    const x = tensor(js, [-3, 0, 7], [3], 'i32');
    const expected = [-3, 0, 7].map((value) => unaryFormulas[op](value) + 0);
    expect(take(js, js.unary(op, x), [3], 'i32')).toEqual(expected);
    js.release(x.handle);
  });
});

/** Two shapes that broadcast together. */
const pairs = shapes().chain((full) => fc.tuple(stretchable(full), stretchable(full)));

describe('binary', () => {
  it.each(Object.keys(binaryFormulas) as BinaryOp[])('%s broadcasts any two shapes', (op) => {
    fc.assert(
      fc.property(pairs, ([shapeA, shapeB]) => {
        const shape = broadcastShapes(shapeA, shapeB, op);
        const a = randomTensor(js, shapeA, 1);
        const b = randomTensor(js, shapeB, 2);
        const [valuesA, valuesB] = [valuesOf(js, a), valuesOf(js, b)];
        const expected = indicesOf(shape).map((index) =>
          binaryFormulas[op](valuesA[positionOf(shapeA, index)]!, valuesB[positionOf(shapeB, index)]!),
        );
        expect(take(js, js.binary(op, a, b), shape)).toEqual(expected);
        js.release(a.handle);
        js.release(b.handle);
      }),
    );
    expect(js.memory().buffers).toBe(0);
  });

  it.each(Object.keys(binaryFormulas) as BinaryOp[])('%s follows its formula for zeros, infinities and NaN', (op) => {
    const n = special.length;
    const a = tensor(js, special, [n, 1]);
    const b = tensor(js, special, [1, n]);
    const expected = special.flatMap((x) => special.map((y) => binaryFormulas[op](x, y)));
    const actual = take(js, js.binary(op, a, b), [n, n]);
    for (const [i, value] of actual.entries()) {
      // Which zero `maximum(0, -0)` gives is not said.
      if (op === 'maximum' || op === 'minimum') expect(value + 0).toBe(expected[i]! + 0);
      else expect(value).toBe(expected[i]);
    }
    js.release(a.handle);
    js.release(b.handle);
  });

  it('wraps i32 sums and products as integers do', () => {
    const a = tensor(js, [2 ** 31 - 1, 123_456_789], [2], 'i32');
    const b = tensor(js, [1, 987_654_321], [2], 'i32');
    expect(take(js, js.binary('add', a, b), [2], 'i32')).toEqual([-(2 ** 31), 1_111_111_110]);
    expect(take(js, js.binary('mul', a, b), [2], 'i32')).toEqual([2 ** 31 - 1, Math.imul(123_456_789, 987_654_321)]);
    js.release(a.handle);
    js.release(b.handle);
  });
});

describe('compare', () => {
  it.each(Object.keys(compareFormulas) as CompareOp[])('%s gives 0 or 1, and 0 for NaN', (op) => {
    const n = special.length;
    const a = tensor(js, special, [n, 1]);
    const b = tensor(js, special, [n]);
    const expected = special.flatMap((x) => special.map((y) => (compareFormulas[op](x, y) ? 1 : 0)));
    expect(take(js, js.compare(op, a, b), [n, n], 'i32')).toEqual(expected);
    js.release(a.handle);
    js.release(b.handle);
  });
});

describe('select', () => {
  it('broadcasts all three operands', () => {
    const triples = shapes().chain((full) => fc.tuple(stretchable(full), stretchable(full), stretchable(full)));
    fc.assert(
      fc.property(triples, ([shapeC, shapeA, shapeB]) => {
        const shape = broadcastShapes(shapeC, broadcastShapes(shapeA, shapeB, 'select'), 'select');
        const test = numbers(sizeOf(shapeC), 3).map((x) => (x > 0 ? 7 : 0));
        const c = tensor(js, test, shapeC, 'i32');
        const a = randomTensor(js, shapeA, 1);
        const b = randomTensor(js, shapeB, 2);
        const [valuesA, valuesB] = [valuesOf(js, a), valuesOf(js, b)];
        const expected = indicesOf(shape).map((index) =>
          test[positionOf(shapeC, index)] !== 0
            ? valuesA[positionOf(shapeA, index)]
            : valuesB[positionOf(shapeB, index)],
        );
        expect(take(js, js.select(c, a, b), shape)).toEqual(expected);
        for (const x of [c, a, b]) js.release(x.handle);
      }),
    );
    expect(js.memory().buffers).toBe(0);
  });

  it('never lets the branch not taken through', () => {
    const c = tensor(js, [1, 0], [2], 'i32');
    const a = tensor(js, [1, NaN], [2]);
    const b = tensor(js, [Infinity, 2], [2]);
    expect(take(js, js.select(c, a, b), [2])).toEqual([1, 2]);
    for (const x of [c, a, b]) js.release(x.handle);
  });
});
