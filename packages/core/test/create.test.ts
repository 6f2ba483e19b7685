import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  bernoulli,
  fromArray,
  full,
  key,
  normal,
  scalar,
  ShapeError,
  tensor,
  uniform,
  zeros,
} from '../src/index.js';
import { leavesNothingOn } from './fixtures/leavesNothing.js';

const backend = createBackend();

leavesNothingOn(backend);

const cycle = (): unknown => {
  const list: unknown[] = [[1], [2]];
  list[1] = [list];
  return list;
};

describe('nested numbers', () => {
  test.each<[string, unknown, number[], number[]]>([
    ['a number', 3, [], [3]],
    ['nothing', [], [0], []],
    ['rows of nothing', [[], []], [2, 0], []],
    ['depth three', [[[1, 2]], [[3, 4]]], [2, 1, 2], [1, 2, 3, 4]],
    ['typed arrays in a list', [Float64Array.of(1, 2), [3, 4]], [2, 2], [1, 2, 3, 4]],
    ['numbers that are not finite', [NaN, Infinity, -0], [3], [NaN, Infinity, -0]],
  ])('give shape and values: %s', (_, given, shape, values) => {
    using x = tensor(given as number[]);
    expect(x.shape).toEqual(shape);
    expect([...x.readSync()]).toEqual(values);
  });

  test.each<[string, unknown, typeof ArgumentError, string]>([
    ['a string', ['0.5'], ArgumentError, 'tensor: the string "0.5" stands at [0] where a number is wanted'],
    ['a string alone', 'abc', ArgumentError, 'the string "abc" stands where a number'],
    [
      'a string deep inside',
      [
        [1, 2],
        [3, 4],
        ['5', 6],
      ],
      ArgumentError,
      'the string "5" stands at [2][0]',
    ],
    ['a bigint', [1n], ArgumentError, 'the bigint 1 stands at [0]'],
    ['a boolean', [[1], [true]], ArgumentError, 'true stands at [1][0]'],
    ['null', [1, null], ArgumentError, 'null stands at [1]'],
    ['nothing', [1, undefined], ArgumentError, 'nothing stands at [1]'],
    ['a hole', Object.assign([1, 2], { length: 3 }), ArgumentError, 'nothing stands at [2]'],
    ['an object', [[{}]], ArgumentError, 'an object stands at [0][0]'],
    ['bigints', BigInt64Array.of(1n), ArgumentError, 'stands where a number'],
    ['rows of two lengths', [[1, 2], [3]], ShapeError, 'would be [2, 2], but at [1] there is a list of 1'],
    ['a number for a row', [[1, 2], 3], ShapeError, 'but at [1] there is a number'],
    ['a row for a number', [1, [2]], ShapeError, 'but at [1] there is a list of 1'],
    [
      'a row for a number, deep inside',
      [
        [[1], [2]],
        [[3], [[4]]],
      ],
      ShapeError,
      'but at [1][1][0] there is a list of 1',
    ],
    ['an empty row among others', [[1], []], ShapeError, 'but at [1] there is a list of 0'],
    ['a number in an empty row', [[], [1]], ShapeError, 'but at [1] there is a list of 1'],
    ['a cycle', cycle(), ArgumentError, 'the list at [1][0] contains itself'],
  ])('are refused with the position: %s', (_, given, error, message) => {
    expect(() => tensor(given as number[])).toThrow(error);
    expect(() => tensor(given as number[])).toThrow(message);
  });
});

describe('values in row-major order', () => {
  test.each<[string, unknown, string]>([
    ['a string', '12', 'fromArray: the values must be a list of numbers, but are the string "12"'],
    ['nothing', undefined, 'but are undefined'],
    ['strings', ['1', '2'], 'the string "1" stands at [0]'],
    ['a hole', Object.assign([1], { length: 2 }), 'nothing stands at [1]'],
    ['bigints', BigInt64Array.of(1n, 2n), 'must be a list of numbers'],
    ['a nested list', [[1], 2], 'an array stands at [0]'],
  ])('are refused: %s', (_, values, message) => {
    expect(() => fromArray(values as number[], [2])).toThrow(ArgumentError);
    expect(() => fromArray(values as number[], [2])).toThrow(message);
  });

  test.each([[0.5], [2 ** 31], [NaN], [Infinity]])('are refused as i32: %d', (value) => {
    const message = `${value} at [1] is not a whole number of 32 bits`;
    expect(() => fromArray([1, value], [2], { dtype: 'i32' })).toThrow(message);
    expect(() => fromArray(Float64Array.of(1, value), [2], { dtype: 'i32' })).toThrow(message);
    expect(() => tensor([[1], [value]], { dtype: 'i32' })).toThrow(`${value} at [1][0] is not`);
    expect(() => scalar(value, { dtype: 'i32' })).toThrow('is not a whole number');
  });

  test('may be the least and the greatest i32', () => {
    using x = fromArray([-(2 ** 31), 2 ** 31 - 1, -0], [3], { dtype: 'i32' });
    expect([...x.readSync()]).toEqual([-(2 ** 31), 2 ** 31 - 1, 0]);
  });
});

describe('shapes and fillings', () => {
  test.each<[unknown, string]>([
    [[2.5], '[2.5] is not a shape'],
    [[-1], '[-1] is not a shape'],
    [[NaN], '[NaN] is not a shape'],
    [['2'], 'is not a shape'],
    [Object.assign([1], { length: 2 }), 'is not a shape'],
    [3, 'must be a list of lengths, such as [2, 3], but is the number 3'],
    [null, 'but is null'],
  ])('a shape %s is refused', (shape, message) => {
    expect(() => zeros(shape as number[])).toThrow(message);
    for (const draw of [uniform, normal]) expect(() => draw(key(1), shape as number[])).toThrow(message);
    expect(() => bernoulli(key(1), 0.5, shape as number[])).toThrow(message);
  });

  test.each([['1'], [null], [undefined], [1n], [true]])('a filling %s is refused', (value) => {
    expect(() => full([2], value as never)).toThrow('where a number is wanted');
  });

  test('an offset or a probability that is none is refused', () => {
    for (const draw of [uniform, normal])
      for (const offset of [-1, 0.5, NaN])
        expect(() => draw(key(1), [2], { offset })).toThrow(`offset ${offset} is not`);
    for (const probability of [-0.1, 1.1, NaN, '1' as never])
      expect(() => bernoulli(key(1), probability, [2])).toThrow(`probability ${probability} is not`);
  });
});
