import { createBackend } from '@tempograd/backend-js';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  add,
  ArgumentError,
  DTypeError,
  equal,
  grad,
  less,
  maximum,
  mul,
  pow,
  scope,
  select,
  sum,
  tensor,
  useBackend,
  type Tensor,
} from '../src/index.js';
import type { Backend } from '../src/backend/index.js';

let fills = 0;
let backend: Backend;

beforeEach(() => {
  const real = createBackend() as Backend;
  fills = 0;
  backend = { ...real, fill: (...args) => (fills++, real.fill(...args)) };
  useBackend(backend);
});

describe('a number beside a tensor', () => {
  test('fills no buffer, in values and in gradients', () => {
    scope(() => {
      const x = tensor([0.5, 2]);
      const y = grad((z: Tensor) => sum(maximum(mul(add(z, 1), 3), select(less(z, 1), z, 0))))(x);
      expect([...y.readSync()]).toEqual([3, 3]);
      // The seed of the gradient is the one tensor made.
      expect(fills).toBe(1);
    });
    expect(backend.memory().buffers).toBe(0);
  });

  test("is rounded to the tensor's dtype", () => {
    scope(() => {
      expect(equal(tensor([0.1]), 0.1).readSync()[0]).toBe(1);
      expect(equal(tensor([0.1], { dtype: 'f64' }), 0.1).readSync()[0]).toBe(1);
    });
  });

  test('two numbers make a scalar', () => {
    scope(() => expect(add(1, 2).readSync()[0]).toBe(3));
    expect(backend.memory().buffers).toBe(0);
  });

  test('an exponent has its gradient rule, to the second order', () => {
    scope(() => {
      const second = grad((z: Tensor) => sum(grad((y: Tensor) => sum(pow(y, 3)))(z)))(tensor([2, 0]));
      expect([...second.readSync()]).toEqual([12, 0]);
    });
    expect(backend.memory().buffers).toBe(0);
  });

  test.each([0.1, NaN, Infinity, 2 ** 31, -(2 ** 31) - 1])('%s is refused beside i32', (value) => {
    scope(() => {
      const x = tensor([2, 3], { dtype: 'i32' });
      for (const op of [mul, less, maximum]) {
        expect(() => op(x, value)).toThrow(DTypeError);
        expect(() => op(value, x)).toThrow(/stands beside an i32 tensor/);
      }
      expect(() => select(equal(x, 2), x, value)).toThrow(DTypeError);
    });
    expect(backend.memory().buffers).toBe(0);
  });

  test.each([['1'], [null], [undefined], [1n], [true], [[1]], [{}]])('%s is neither number nor tensor', (value) => {
    scope(() => {
      const x = tensor([2, 3]);
      expect(() => add(x, value as unknown as number)).toThrow(ArgumentError);
      expect(() => add(value as unknown as number, x)).toThrow(/needs tensors or numbers/);
      expect(() => add(value as unknown as number, 1)).toThrow(/needs tensors or numbers/);
      expect(() => add(1, value as unknown as number)).toThrow(/needs tensors or numbers/);
    });
    expect(backend.memory().buffers).toBe(0);
  });
});
