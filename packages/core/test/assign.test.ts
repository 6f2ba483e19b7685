import { createBackend } from '@tempograd/backend-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assign, disposeTree, grad, shareTree, sum, tensor, useBackend, type Tensor } from '../src/index.js';

let backend = createBackend();
beforeEach(() => {
  backend = createBackend();
  useBackend(backend);
});
afterEach(() => expect(backend.memory().buffers).toBe(0));

test('assign gives a tensor a value in place; source and sharers keep theirs', () => {
  const [target, source] = [tensor([1, 2]), tensor([3, 4])];
  const sharer = shareTree(target);
  assign(target, source);
  assign(target, target);
  expect([target, source, sharer].map((x) => [...x.readSync()])).toEqual([
    [3, 4],
    [3, 4],
    [1, 2],
  ]);
  disposeTree([source, sharer]);
  expect([...target.readSync()]).toEqual([3, 4]);
  target.dispose();
});

test('assign refuses another shape or dtype, and a tensor being differentiated', () => {
  const [target, long, whole] = [tensor([1, 2]), tensor([1, 2, 3]), tensor([1, 2], { dtype: 'i32' })];
  expect(() => assign(target, long)).toThrow(/shape \[2\] cannot take .*\[3\]/);
  expect(() => assign(target, whole)).toThrow(/f32 cannot take .*i32/);
  const inside = grad((x: Tensor) => {
    assign(x, target);
    return sum(x);
  });
  expect(() => inside(target)).toThrow(/differentiated/);
  disposeTree([target, long, whole]);
});
