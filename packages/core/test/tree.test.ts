import { createBackend } from '@tempograd/backend-js';
import { beforeAll, expect, test } from 'vitest';
import * as tg from '../src/index.js';

beforeAll(() => {
  tg.useBackend(createBackend());
});

const one = (): tg.Tensor => tg.scalar(1);

test('two trees are joined tensor by tensor; nothing stays nothing, and may be missing in the other', () => {
  const a = { w: one(), list: [one(), null], none: null, gone: undefined };
  const b = { w: one(), list: [one(), null], none: undefined, gone: null };
  const sum = tg.treeZip<unknown>(a, b, tg.add) as typeof a;
  expect(Object.keys(sum)).toEqual(Object.keys(a));
  expect([sum.w.readSync()[0], sum.list[0]?.readSync()[0], sum.list[1], sum.none, sum.gone]).toEqual([
    2,
    2,
    null,
    null,
    undefined,
  ]);
});

test.each<[string, () => [unknown, unknown], string]>([
  ['keys that differ', () => [{ a: one() }, { b: one() }], 'at the top: one has { a }, the other { b }'],
  ['a key too many', () => [{ a: one() }, { a: one(), b: one() }], 'at the top: one has { a }, the other { a, b }'],
  [
    'a shorter list',
    () => [{ in: [one(), one()] }, { in: [one()] }],
    'at "in": one has a list of 2, the other a list of 1',
  ],
  [
    'the second of two branches',
    () => [
      { a: { x: one() }, b: { c: { w: one() } } },
      { a: { x: one() }, b: { c: { v: one() } } },
    ],
    'at "b.c": one has { w }, the other { v }',
  ],
  ['a tensor for a tree', () => [{ a: one() }, { a: { b: one() } }], 'at "a": one has a tensor, the other { b }'],
  ['a list for an object', () => [{ a: { 0: one() } }, { a: [one()] }], 'at "a": one has { 0 }, the other a list of 1'],
  ['nothing for a tensor', () => [{ a: one() }, { a: null }], 'at the top: one has { a }, the other nothing'],
  ['a number', () => [{ a: { b: 1 } }, { a: { b: 1 } }], 'A tree of tensors holds a number at "a.b"'],
])('trees that differ in structure are refused, and the message says where: %s', (_, trees, message) => {
  const [a, b] = trees();
  expect(() => tg.treeZip(a, b, tg.add)).toThrow(message);
});

test('trees are matched by key, whatever the order of keys', () => {
  const difference = tg.treeZip<Record<string, tg.Tensor>>(
    { h: tg.scalar(3), c: tg.scalar(5) },
    { c: tg.scalar(1), h: tg.scalar(2) },
    tg.sub,
  );
  expect(Object.entries(difference).map(([name, x]) => [name, x.readSync()[0]])).toEqual([
    ['h', 1],
    ['c', 4],
  ]);
});
