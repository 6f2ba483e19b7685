import { checkOptions, optionTable, required, type OptionKinds } from '@tempograd/core/backend';
import { ArgumentError, scalar } from '@tempograd/core';
import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';

interface Options {
  readonly size: number;
  readonly learningRate?: number | ((step: number) => number);
  readonly beta1?: number;
  readonly beta2?: number;
  readonly mode?: 'one' | 'two';
  readonly keepAxes?: boolean;
  readonly axes?: number | readonly number[];
  readonly mask?: object | null;
}

const table = optionTable<Options>({
  size: required('number'),
  learningRate: 'number or function',
  beta1: 'number',
  beta2: 'number',
  mode: ['one', 'two'],
  keepAxes: 'boolean',
  axes: 'number or array',
  mask: 'tensor or null',
});

const known = 'size, learningRate, beta1, beta2, mode, keepAxes, axes, mask';

function messageOf(options: unknown, path?: string): string {
  try {
    checkOptions('op', options, table, path);
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return (error as Error).message;
  }
  return 'accepted';
}

describe('what is accepted', () => {
  class Settings {
    readonly size = 1;
    get beta1(): number {
      return 0.9;
    }
  }
  test.each([
    ['every option', { size: 1, learningRate: () => 1, beta1: 0, mode: 'two', keepAxes: false, axes: [0], mask: null }],
    ['options that are undefined, known or not', { size: 1, beta1: undefined, gone: undefined }],
    ['numbers out of range, which are the function’s to judge', { size: NaN, beta1: -7 }],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { size: 1 })],
    ['options that are inherited', Object.create({ size: 1 })],
    ['an instance of a class', new Settings()],
  ])('%s', (_title, options) => {
    expect(messageOf(options)).toBe('accepted');
  });

  test('a tensor as a mask', () => {
    using mask = scalar(1, { backend: createBackend() });
    expect(messageOf({ size: 1, mask })).toBe('accepted');
  });

  test('where somebody has added to Object.prototype', () => {
    const everything = Object.prototype as { foreign?: number };
    Object.defineProperty(everything, 'foreign', {
      value: 1,
      enumerable: true,
      configurable: true,
      writable: true,
    });
    try {
      expect(messageOf({ size: 1 })).toBe('accepted');
      expect(messageOf({ size: 1, foreign: 1 })).toContain('no option "foreign"');
    } finally {
      delete everything.foreign;
    }
  });
});

describe('a choice that is spelt otherwise, or is called otherwise elsewhere, is guessed', () => {
  const choices = optionTable<{ kind?: string }>({ kind: ['meanSquaredError', 'mean', 'f32', 'left'] });
  test.each([
    ['Mean', 'mean'],
    ['mean_squared_error', 'meanSquaredError'],
    ['mse', 'meanSquaredError'],
    ['avg', 'mean'],
    ['float32', 'f32'],
    ['lefft', 'left'],
  ])('%s', (given, meant) => {
    expect(() => checkOptions('op', { kind: given }, choices)).toThrow(`Did you mean "${meant}"?`);
  });

  test('and none where it is not clear', () => {
    for (const given of ['none', 'constructor', 7, null])
      expect(() => checkOptions('op', { kind: given }, choices)).toThrow(/^op: kind must be one of [^?]*$/);
  });
});

describe('what is refused', () => {
  test.each([
    [0, 'the number 0'],
    ['axes', 'the string "axes"'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [[0], 'an array'],
    [() => 0, 'a function'],
    [new Map(), 'an object of class Map'],
    [new Float32Array(2), 'an object of class Float32Array'],
    [Promise.resolve({ size: 1 }), 'a Promise; await it first'],
  ])('options that are no object: %o', (options, described) => {
    expect(messageOf(options)).toBe(`op: options must be an object, { ${known} }, but are ${described}.`);
  });

  test('a tensor for options', () => {
    using x = scalar(1, { backend: createBackend() });
    expect(messageOf(x)).toBe(`op: options must be an object, { ${known} }, but are a tensor.`);
  });

  test.each([
    [{ size: '3' }, 'op: size must be a number, but is the string "3".'],
    [{ size: null }, 'op: size must be a number, but is null.'],
    [{ size: 1, learningRate: 'fast' }, 'op: learningRate must be a number or a function, but is the string "fast".'],
    [{ size: 1, keepAxes: 1 }, 'op: keepAxes must be true or false, but is the number 1.'],
    [{ size: 1, mode: 'three' }, 'op: mode must be one of "one", "two", but is the string "three".'],
    [{ size: 1, axes: {} }, 'op: axes must be a number or an array, but is an object.'],
    [{ size: 1, mask: [1, 0] }, 'op: mask must be a tensor or null, but is an array.'],
    [{}, 'op: size is missing; it must be a number.'],
    [{ size: undefined }, 'op: size is missing; it must be a number.'],
  ])('wrong kinds and what is missing: %o', (options, message) => {
    expect(messageOf(options)).toBe(message);
  });

  test.each([
    ['beta3', 'Did you mean beta1?'],
    ['keepAxis', 'Did you mean keepAxes?'],
    ['axse', 'Did you mean axes?'],
    ['learning', 'Did you mean learningRate?'],
    ['learning_rate', 'Write learningRate.'],
    ['KeepAxes', 'Write keepAxes.'],
    ['lr', 'Here it is called learningRate.'],
    ['betas', 'Here it is called beta1 and beta2.'],
    ['keepdim', 'Here it is called keepAxes.'],
    ['dim', 'Here it is called axes.'],
    ['axis', 'Here it is called axes.'],
    ['dampening', 'There is no dampening; leave it out, as if it were 0.'],
    ['batch_first', 'Sequences are always [time, batch, …]: transpose() what comes with the batch first.'],
  ])('an unknown option, with advice: %s', (name, advice) => {
    expect(messageOf({ size: 1, [name]: 1 })).toBe(`op: there is no option "${name}". ${advice} Known are ${known}.`);
  });

  test.each(['somethingElse', 'num_layers', 'toString', '__proto__', 'constructor', ''])(
    'an unknown option, nothing like it known: %s',
    (name) => {
      const options = JSON.parse(`{ "size": 1, ${JSON.stringify(name)}: 1 }`) as object;
      expect(messageOf(options)).toBe(`op: there is no option "${name}". Known are ${known}.`);
    },
  );

  test('options inside options are named with their path', () => {
    expect(messageOf({ size: 1, sise: 2 }, 'clip')).toContain('op: there is no option "clip.sise". Did you mean size?');
    expect(messageOf({ size: '1' }, 'clip')).toBe('op: clip.size must be a number, but is the string "1".');
    expect(messageOf({}, 'clip')).toBe('op: clip.size is missing; it must be a number.');
    expect(messageOf(1, 'clip')).toBe(`op: clip must be an object, { ${known} }, but is the number 1.`);
  });

  test('all of a function without options', () => {
    const none = optionTable<object>({});
    expect(() => checkOptions('op', { a: 1 }, none)).toThrow('op: there is no option "a". It takes no options.');
  });
});

test('a table that does not fit its interface does not compile', () => {
  const rest = { b: 'boolean' } as const;
  // @ts-expect-error a is missing
  const missing: OptionKinds<{ a?: number; b?: boolean }> = { ...rest };
  // @ts-expect-error c is not an option
  const surplus: OptionKinds<{ b?: boolean }> = { ...rest, c: 'number' };
  // @ts-expect-error a must be given, and the table does not say so
  const optional: OptionKinds<{ a: number }> = { a: 'number' };
  // @ts-expect-error a may be left out
  const demanded: OptionKinds<{ a?: number }> = { a: required('number') };
  expect([missing, surplus, optional, demanded]).toHaveLength(4);
});
