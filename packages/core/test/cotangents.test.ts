import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import {
  add,
  ArgumentError,
  BackendError,
  DTypeError,
  jvp,
  mul,
  scalar,
  scope,
  ShapeError,
  sum,
  tensor,
  vjp,
  type Tensor,
} from '../src/index.js';
import { leavesNothingOn } from './fixtures/leavesNothing.js';

const backend = createBackend();

leavesNothingOn(backend);

type Value = { carry: { h: Tensor; c: Tensor }; list: Tensor[]; none: null };
const valueOf = (x: Tensor): Value => ({
  carry: { h: mul(x, 2), c: mul(x, 3) },
  list: [mul(x, 5), mul(x, 7)],
  none: null,
});

/** The gradient of `valueOf` at [1, 1] for a cotangent. */
function pull(cotangent: () => unknown): number[] {
  return scope(() => {
    const { pullback } = vjp(valueOf, tensor([1, 1]));
    try {
      return [...pullback(cotangent() as Value).readSync()];
    } finally {
      pullback.dispose();
    }
  });
}

const one = (): Tensor => tensor([1, 1]);

describe('a cotangent', () => {
  test('is matched by key, and null stands for zero in the place of a tensor or a tree', () => {
    const whole = { list: [one(), one()], carry: { c: tensor([1, 2]), h: one() } };
    expect(scope(() => pull(() => whole))).toEqual([17, 20]);
    for (const leaf of [...whole.list, whole.carry.c, whole.carry.h]) leaf.dispose();
    expect(pull(() => ({ carry: null, list: [null, one()], none: null }))).toEqual([7, 7]);
    expect(pull(() => ({ carry: { h: undefined, c: one() }, list: undefined }))).toEqual([3, 3]);
    expect(pull(() => null)).toEqual([0, 0]);
  });

  test.each<[string, () => unknown, typeof ArgumentError, string]>([
    [
      'with a misspelt key',
      () => ({ carry: { h: one(), cc: one() }, list: null }),
      ArgumentError,
      'at "carry": the value has { h, c }, the cotangent { h, cc }',
    ],
    ['without a key', () => ({ carry: { h: one() }, list: null }), ArgumentError, 'at "carry"'],
    ['with a key too many', () => ({ carry: null, list: null, h: one() }), ArgumentError, 'at the top'],
    ['with something for nothing', () => ({ carry: null, list: null, none: one() }), ArgumentError, 'at the top'],
    ['that is a tensor for a tree', one, ArgumentError, 'at the top: the value has { carry, list }, the cotangent a'],
    [
      'with a tensor for a tree inside',
      () => ({ carry: one(), list: null }),
      ArgumentError,
      'at "carry": the value has { h, c }, the cotangent a tensor',
    ],
    [
      'with a tree for a tensor',
      () => ({ carry: { h: [one()], c: one() }, list: null }),
      ArgumentError,
      'at "carry.h": the value has a tensor, the cotangent a list of 1',
    ],
    [
      'with a shorter list',
      () => ({ carry: null, list: [one()] }),
      ArgumentError,
      'at "list": the value has a list of 2',
    ],
    ['with a longer list', () => ({ carry: null, list: [one(), one(), one()] }), ArgumentError, 'at "list"'],
    ['with a number', () => ({ carry: { h: 1, c: null }, list: null }), ArgumentError, 'a number at "carry.h"'],
    [
      'of another shape',
      () => ({ carry: null, list: [null, tensor([1])] }),
      ShapeError,
      'at "list.1" has shape [1], but what it belongs to has [2]',
    ],
    [
      'of another dtype',
      () => ({ carry: { h: tensor([1, 1], { dtype: 'f64' }), c: null }, list: null }),
      DTypeError,
      'at "carry.h" is f64, but what it belongs to is f32',
    ],
    [
      'on another backend',
      () => ({ carry: { h: tensor([1, 1], { backend: createBackend() }), c: null }, list: null }),
      BackendError,
      'at "carry.h" is on the backend js',
    ],
  ])('%s is refused', (_, cotangent, error, message) => {
    expect(() => pull(cotangent)).toThrow(error);
    expect(() => pull(cotangent)).toThrow(message);
  });

  test('of a lone tensor must be a tensor like it', () => {
    const pullOne = (cotangent: () => unknown): unknown =>
      scope(() => {
        const { pullback } = vjp((x: Tensor) => sum(x), tensor([1, 2]));
        try {
          return [...pullback(cotangent() as Tensor).readSync()];
        } finally {
          pullback.dispose();
        }
      });
    expect(pullOne(() => scalar(2))).toEqual([2, 2]);
    expect(() => pullOne(() => tensor([1]))).toThrow('pullback: the cotangent has shape [1], but');
    expect(() => pullOne(() => [scalar(1)])).toThrow('the value has a tensor, the cotangent a list of 1');
    expect(() => pullOne(() => 1)).toThrow(ArgumentError);
  });
});

describe('a tangent', () => {
  const push = (tangent: () => unknown): number[] =>
    scope(() => {
      const x = { a: tensor([1, 1, 1]), n: tensor([1], { dtype: 'i32' }), b: [scalar(2)] };
      const { tangent: moved } = jvp((at) => add(sum(at.a), at.b[0] as Tensor), x, tangent() as typeof x);
      return [...moved.readSync()];
    });
  const n = (): Tensor => tensor([0], { dtype: 'i32' });

  test('is matched by key', () => {
    expect(push(() => ({ b: [scalar(10)], a: tensor([1, 2, 3]), n: n() }))).toEqual([16]);
  });

  test.each<[string, () => unknown, typeof ArgumentError, string]>([
    [
      'of another shape',
      () => ({ a: tensor([1]), n: n(), b: [scalar(1)] }),
      ShapeError,
      'jvp: the tangent at "a" has shape [1], but what it belongs to has [3]',
    ],
    [
      'of another dtype',
      () => ({ a: tensor([1, 1, 1]), n: n(), b: [scalar(1, { dtype: 'f64' })] }),
      DTypeError,
      'at "b.0" is f64',
    ],
    [
      'on another backend',
      () => ({ a: tensor([1, 1, 1]), n: n(), b: [scalar(1, { backend: createBackend() })] }),
      BackendError,
      'at "b.0" is on the backend',
    ],
    [
      'with a misspelt key',
      () => ({ aa: tensor([1, 1, 1]), n: n(), b: [scalar(1)] }),
      ArgumentError,
      'at the top: the argument has { a, n, b }, the tangent { aa, n, b }',
    ],
    ['with a longer list', () => ({ a: tensor([1, 1, 1]), n: n(), b: [scalar(1), scalar(1)] }), ArgumentError, '"b"'],
    ['that is missing', () => null, ArgumentError, 'the tangent nothing'],
  ])('%s is refused', (_, tangent, error, message) => {
    expect(() => push(tangent)).toThrow(error);
    expect(() => push(tangent)).toThrow(message);
  });
});
