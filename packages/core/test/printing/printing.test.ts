import { inspect } from 'node:util';
import { createBackend } from '@tempograd/backend-js';
import { beforeEach, describe, expect, test } from 'vitest';
import * as tg from '../../src/index.js';
import { scope, tensor, useBackend, type Tensor } from '../../src/index.js';
import { deviceLike } from '../ops/support.js';
import { leavesNothingOn } from '../fixtures/leavesNothing.js';

const backend = createBackend();
const shown = (make: () => unknown): string => scope(() => inspect(make(), { colors: false }));

leavesNothingOn(backend);

describe('what the console shows', () => {
  test.each<[name: string, make: () => unknown, expected: string]>([
    ['a scalar', () => tg.scalar(2.5), 'Tensor f32[] on js: 2.5000'],
    ['integers', () => tensor([1, -20, 3], { dtype: 'i32' }), 'Tensor i32[3] on js: [  1, -20,   3]'],
    ['whole floats', () => tensor([1, 2]), 'Tensor f32[2] on js: [1, 2]'],
    ['a matrix', () => tensor([[1, 2.5], [30, -4]]), 'Tensor f32[2, 2] on js:\n[[ 1.0000,  2.5000],\n [30.0000, -4.0000]]'], // prettier-ignore
    ['several matrices', () => tensor([[[1]], [[2]]]), 'Tensor f32[2, 1, 1] on js:\n[[[1]],\n\n [[2]]]'],
    [
      'what is not finite',
      () => tensor([NaN, -Infinity, 0.5]),
      'Tensor f32[3] on js: [      NaN, -Infinity,    0.5000]',
    ],
    ['tiny numbers', () => tensor([1.5e-7, 0]), 'Tensor f32[2] on js: [1.5000e-7, 0.0000e+0]'],
    ['large numbers', () => tensor([1.5e20]), 'Tensor f32[1] on js: [1.5000e+20]'],
    ['nothing', () => tg.zeros([0, 3]), 'Tensor f32[0, 3] on js: no values'],
    ['a long axis', () => tg.arange(0, 1000), 'Tensor i32[1000] on js: [  0,   1,   2, …, 997, 998, 999]'],
    [
      'two long axes',
      () => tg.reshape(tg.arange(0, 200), [20, 10]),
      'Tensor i32[20, 10] on js:\n' +
        '[[  0,   1,   2, …,   7,   8,   9],\n' +
        ' [ 10,  11,  12, …,  17,  18,  19],\n' +
        ' [ 20,  21,  22, …,  27,  28,  29],\n' +
        ' …,\n' +
        ' [170, 171, 172, …, 177, 178, 179],\n' +
        ' [180, 181, 182, …, 187, 188, 189],\n' +
        ' [190, 191, 192, …, 197, 198, 199]]',
    ],
    [
      'too many axes',
      () => tg.zeros(Array.from({ length: 12 }, () => 2)),
      'Tensor f32[2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2] on js; it has too many axes to show its values: tensor.readSync()',
    ],
    [
      'a tree',
      () => ({ rnn: { weight: tensor([[1], [2]]) }, list: [tg.scalar(3)], none: null }),
      '{\n  rnn: {\n    weight: Tensor f32[2, 1] on js:\n    [[1],\n     [2]]\n  },\n  list: [ Tensor f32[] on js: 3 ],\n  none: null\n}',
    ],
    ['a tree that is too deep', () => [[[tg.scalar(3)]]], '[ [ [ [Tensor f32[] on js] ] ] ]'],
    ['a prototype', () => [Object.getPrototypeOf(tg.scalar(1)) as object], '[ Tensor {} ]'],
    ['the class', () => tg.Tensor, '[class Tensor]'],
  ])('%s', (_, make, expected) => {
    expect(shown(make)).toBe(expected);
  });

  test('lines are no longer than a terminal', () => {
    const text = shown(() => tg.linspace(0, 1, 90));
    expect(text.split('\n').length).toBeGreaterThan(5);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(88);
  });
});

describe('what has no values of its own says so', () => {
  const seen: string[] = [];
  const see = (x: Tensor): Tensor => (seen.push(inspect(x)), tg.sum(tg.mul(x, x)));
  beforeEach(() => void seen.splice(0));

  test('disposed of', () => {
    const x = tensor([1]);
    x.dispose();
    expect(inspect(x)).toBe('Tensor f32[1] on js, disposed of');
    expect(String(x)).toBe('Tensor f32[1] on js, disposed of');
  });

  test('differentiated, once and twice, and along a tangent', () => {
    scope(() => void tg.grad(see)(tensor([1, 2])));
    scope(() => void tg.grad((x: Tensor) => tg.sum(tg.grad(see)(x)))(tg.scalar(3)));
    scope(() => void tg.jvp(see, tensor([4]), tensor([1])));
    expect(seen).toEqual([
      'Tensor f32[2] on js, being differentiated: [1, 2]',
      'Tensor f32[] on js, being differentiated, being differentiated: 3',
      'Tensor f32[1] on js, with a tangent: [4]',
    ]);
  });

  test('batched', () => {
    scope(() => void tg.vmap(see)(tensor([[1], [2]])));
    expect(seen).toEqual(['Tensor f32[1] on js, one of the 2 rows of a batch, all of which are shown:\n[[1],\n [2]]']);
  });

  test('traced, and what was made outside', () => {
    scope(() => {
      const outside = tensor([5]);
      tg.trace((x: Tensor) => (seen.push(inspect(outside)), see(x)), outside).dispose();
    });
    expect(seen).toEqual(['Tensor f32[1] on js: [5]', 'Tensor f32[1] on js, traced, without values']);
  });

  test('on a backend that reads asynchronously', () => {
    useBackend(deviceLike());
    expect(shown(() => tensor([1]))).toBe('Tensor f32[1] on device-like; for its values: await tensor.read()');
  });

  test('on a backend that fails', () => {
    const broken = { ...deviceLike(), name: 'broken', readSync: () => { throw new Error('the device is lost'); } }; // prettier-ignore
    useBackend(broken);
    expect(shown(() => tensor([1]))).toBe('Tensor f32[1] on broken; its values cannot be read: the device is lost');
  });
});

describe('in a browser', () => {
  test('every kind of tensor has the tag Tensor, on its own prototype, and a text', () => {
    const names: string[] = [];
    const note = (x: Tensor): Tensor => (
      expect(Object.hasOwn(Object.getPrototypeOf(x) as object, Symbol.toStringTag)).toBe(true),
      names.push(Object.prototype.toString.call(x), x.preview),
      tg.sum(x)
    );
    scope(() => {
      const x = tensor([7]);
      note(x);
      void tg.grad(note)(x);
      void tg.vmap(note)(tg.stack([x]));
      void tg.jvp(note, x, x);
      tg.trace(note, x).dispose();
    });
    expect(names.filter((_, index) => index % 2 === 0)).toEqual(Array.from({ length: 5 }, () => '[object Tensor]'));
    expect(names.filter((_, index) => index % 2 === 1).every((text) => text.startsWith('Tensor'))).toBe(true);
  });

  test('a formatter for the developer tools', () => {
    const x = tensor([7]);
    expect(tg.consoleFormatter.header(x)).toEqual(['div', expect.anything(), 'Tensor f32[1] on js: [7]']);
    expect(tg.consoleFormatter.header({ x })).toBeNull();
    expect(tg.consoleFormatter.hasBody(x)).toBe(false);
    x.dispose();
  });
});
