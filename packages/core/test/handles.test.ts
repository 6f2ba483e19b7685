import { createBackend } from '@tempograd/backend-js';
import {
  fromHandle,
  grad,
  LifetimeError,
  mul,
  operandOf,
  scope,
  sum,
  tensor,
  useBackend,
  type Tensor,
} from '@tempograd/core';
import { beforeEach, expect, test } from 'vitest';

const backend = createBackend();
beforeEach(() => useBackend(backend));

test('fromHandle makes a tensor that owns the handle, in the innermost scope', () => {
  const before = backend.memory().buffers;
  scope(() => {
    const handle = backend.write(Float32Array.of(1, 2), [2], 'f32');
    const x = fromHandle(backend, handle, [2], 'f32');
    expect([...mul(x, 2).readSync()]).toEqual([2, 4]);
  });
  expect(backend.memory().buffers).toBe(before);
});

test('fromHandle refuses a backend of another specification', () => {
  expect(() => fromHandle({ ...backend, specificationVersion: 99 as 2 }, {}, [], 'f32')).toThrow(/version 99/);
});

test('operandOf lends what the backend holds, and not a disposed or differentiated tensor', () => {
  const x = tensor([3, 4]);
  const operand = operandOf(x);
  expect(operand).toMatchObject({ shape: [2], dtype: 'f32' });
  expect([...backend.readSync!(operand as Parameters<typeof backend.read>[0])]).toEqual([3, 4]);
  const loss = (y: Tensor): Tensor => {
    operandOf(y);
    return sum(y);
  };
  expect(() => grad(loss)(x)).toThrow(/would have no gradient/);
  x.dispose();
  expect(() => operandOf(x)).toThrow(LifetimeError);
});
