import { createBackend } from '@tempograd/backend-js';
import { beforeEach, describe, expect, test } from 'vitest';
import * as core from '../src/index.js';
import {
  ArgumentError,
  BackendError,
  DTypeError,
  full,
  key,
  scope,
  ShapeError,
  tensor,
  useBackend,
} from '../src/index.js';
import type { Backend } from '../src/backend/index.js';

const backend = createBackend();

beforeEach(() => {
  useBackend(backend);
  const before = backend.memory().buffers;
  return () => expect(backend.memory().buffers, 'live buffers').toBe(before);
});

/** Core's functions as plain JavaScript sees them. */
const untyped = core as unknown as Record<string, (...args: unknown[]) => unknown>;

/** A call of each function that takes tensors, with the places of its tensors. */
const calls: readonly [name: string, args: () => unknown[], places: readonly number[]][] = [
  ...['neg', 'abs', 'sign', 'relu', 'exp', 'tanh', 'floor', 'sum', 'max', 'mean', 'flip', 'transpose'].map(
    (name): [string, () => unknown[], readonly number[]] => [name, () => [full([2, 2], 1)], [0]],
  ),
  ['zerosLike', () => [full([2], 1)], [0]],
  ['onesLike', () => [full([2], 1)], [0]],
  ['cast', () => [full([2], 1), 'i32'], [0]],
  ['reshape', () => [full([2], 1), [1, 2]], [0]],
  ['broadcastTo', () => [full([2], 1), [2, 2]], [0]],
  ['slice', () => [full([2], 1), [0], [1]], [0]],
  ['sliceAxis', () => [full([2], 1), 0, 1], [0]],
  ['row', () => [full([2, 2], 1), 0], [0]],
  ['matmul', () => [full([2, 2], 1), full([2, 2], 1)], [0, 1]],
  ['select', () => [full([2], 1, { dtype: 'i32' }), full([2], 1), 0], [0]],
  ['gather', () => [full([2], 1), full([1], 0, { dtype: 'i32' })], [0, 1]],
  ['scatterAdd', () => [full([1], 0, { dtype: 'i32' }), full([1], 1), 2], [0, 1]],
  ['assign', () => [full([2], 1), full([2], 2)], [0, 1]],
  ['linear', () => [full([2, 2], 1), full([2, 2], 1), full([2], 1)], [0, 1]],
  ['layerNorm', () => [full([2, 2], 1), full([2], 1), full([2], 1)], [0, 1, 2]],
  ['softmaxCrossEntropy', () => [full([2, 2], 1), full([2], 0, { dtype: 'i32' })], [0, 1]],
  ['linearScan', () => [full([2, 2], 1), full([2, 2], 1), full([2], 1)], [0, 1, 2]],
];

describe('what is no tensor is refused by name', () => {
  const others: readonly unknown[] = [undefined, null, 3, '3', [1, 2], {}];
  test.each(calls)('%s', (name, args, places) => {
    scope(() => void untyped[name]?.(...args()));
    for (const place of places) {
      for (const other of others) {
        const given = (): unknown =>
          scope(() => void untyped[name]?.(...args().map((arg, index) => (index === place ? other : arg))));
        expect(given, `${name}, argument ${place}: ${String(other)}`).toThrow(ArgumentError);
        expect(given).toThrow(`${name}: `);
      }
    }
  });

  test.each(['concat', 'stack'])('%s, wherever it stands in the list', (name) => {
    for (const list of [[3], [full([1], 1), 3], [undefined], 3, undefined, full([2], 1)]) {
      expect(() => untyped[name]?.(list), String(list)).toThrow(ArgumentError);
      core.disposeTree(
        Array.isArray(list) ? list.filter((x) => x instanceof core.Tensor) : list instanceof core.Tensor ? list : null,
      );
    }
  });
});

describe('dtypes', () => {
  test.each(['float32', 'bool', undefined, null, 3])('cast to %s, which there is not', (dtype) => {
    using x = tensor([1, 2]);
    expect(() => untyped.cast?.(x, dtype)).toThrow(DTypeError);
    expect(() => untyped.cast?.(x, dtype)).toThrow('known are f32, f64, i32');
  });

  test('that the backend does not store are refused wherever a tensor is made', () => {
    const single: Backend = { ...createBackend(), name: 'single', capabilities: { dtypes: ['f32', 'i32'] } };
    const f64 = { dtype: 'f64', backend: single } as const;
    using x = tensor([1], { backend: single });
    for (const make of [
      () => tensor([1], f64),
      () => core.fromArray([1], [1], f64),
      () => core.zeros([1], f64),
      () => core.uniform(key(1), [1], f64),
      () => core.normal(key(1), [1], f64),
      () => core.cast(x, 'f64'),
    ]) {
      expect(make).toThrow(DTypeError);
      expect(make).toThrow('f64 was asked for, but single stores f32 and i32');
    }
    expect(single.memory().buffers).toBe(1);
  });
});

describe('lengths', () => {
  test.each([-1, 1.5, NaN, Infinity, undefined, '2'])('scatterAdd into %s rows', (rows) => {
    using indices = tensor([0], { dtype: 'i32' });
    using updates = tensor([1]);
    expect(() => untyped.scatterAdd?.(indices, updates, rows)).toThrow(ArgumentError);
  });

  test.each([[[-3]], [[1.5]], [[NaN]], [['3']], [3], [undefined]])('broadcastTo %s', (shape) => {
    using x = tensor([1]);
    expect(() => untyped.broadcastTo?.(x, shape)).toThrow(ArgumentError);
  });

  test('lists of lengths and axes must be lists', () => {
    using x = tensor([1, 2]);
    for (const [name, args] of [
      ['reshape', [2]],
      ['reshape', []],
      ['slice', []],
      ['slice', [[0]]],
      ['slice', [0, 1]],
      ['transpose', [0]],
      ['flip', ['0']],
    ] as const) {
      expect(() => untyped[name]?.(x, ...args), `${name}(x, ${String(args)})`).toThrow(ArgumentError);
    }
    expect(() => core.reshape(x, [3])).toThrow(ShapeError);
  });
});

describe('numbers of a fused op', () => {
  test('label smoothing and epsilon', () => {
    using x = full([1, 2], 1);
    using gain = full([2], 1);
    using targets = tensor([0], { dtype: 'i32' });
    for (const smoothing of ['0.1', NaN, 1, -0.1]) {
      expect(() => untyped.softmaxCrossEntropy?.(x, targets, smoothing), String(smoothing)).toThrow(ArgumentError);
    }
    for (const epsilon of ['1', NaN, -1, { epsilon: 1 }]) {
      expect(() => untyped.layerNorm?.(x, gain, gain, epsilon), JSON.stringify(epsilon)).toThrow(ArgumentError);
    }
  });
});

describe('random numbers', () => {
  test('on the host take a key, a count and an offset', () => {
    for (const args of [
      [3, 2],
      [key(1), -1],
      [key(1), 1.5],
      [key(1), 2, -1],
      [key(1), 2, 0.5],
    ]) {
      expect(() => untyped.uniformValues?.(...args), String(args)).toThrow(ArgumentError);
    }
  });

  test('of a name take a name', () => {
    for (const name of [3, undefined, null, ['a']]) {
      expect(() => untyped.foldInName?.(key(1), name), String(name)).toThrow(ArgumentError);
    }
    expect(() => untyped.foldInName?.(3, '')).toThrow(ArgumentError);
  });
});

describe('backends', () => {
  test.each([undefined, null, 3, {}, Promise.resolve(backend)])('what is none is refused: %s', (given) => {
    expect(() => untyped.useBackend?.(given)).toThrow(BackendError);
    expect(() => untyped.useBackend?.(given)).toThrow('as createBackend() makes it');
  });

  test('of another contract are refused as an option too', () => {
    const old = { ...createBackend(), name: 'old', specificationVersion: 1 } as unknown as Backend;
    for (const make of [
      () => tensor([1], { backend: old }),
      () => core.zeros([1], { backend: old }),
      () => core.uniform(key(1), [1], { backend: old }),
    ]) {
      expect(make).toThrow(BackendError);
      expect(make).toThrow('New in version 2');
    }
  });
});
