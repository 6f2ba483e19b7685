import { ArgumentError, checkOptions, optionTable, sizeOf, type FloatDType, type Shape } from '../backend/index.js';
import { present, reportPath, whyNotFused } from '../tensor/applyFused.js';
import { newTensor } from '../tensor/bind.js';
import { backendFor, checkShape, createKinds } from '../tensor/ops/create.js';
import { cast, fromArray, less, type CreateOptions } from '../tensor/ops/index.js';
import type { Tensor } from '../tensor/Tensor.js';
import { scope } from '../tensor/scope.js';
import { requireKey, type Key } from './key.js';
import { threefryWords } from './threefry.js';

/** What to draw, beside the shape. */
export interface DrawOptions extends CreateOptions {
  readonly dtype?: FloatDType;
  /** How far into the key's stream to start, in elements; default is 0. A long draw equals its parts drawn at their offsets. */
  readonly offset?: number;
}

const drawTable = optionTable<DrawOptions>({ ...createKinds, dtype: ['f32', 'f64'], offset: 'number' });

/** Uniform numbers in [0, 1), multiples of 2⁻²⁴, so that they are the same in f32 and f64. */
export function uniform(key: Key, shape: Shape, options: DrawOptions = {}): Tensor {
  checkOptions('uniform', options, drawTable);
  const { dtype = 'f32', offset = 0 } = options;
  checkDraw('uniform', key, shape, offset);
  const backend = backendFor('uniform', options, dtype);
  const reason = whyNotFused('randomUniform', backend);
  reportPath('randomUniform', reason);
  if (reason === null) {
    return newTensor(
      backend,
      present(backend.randomUniform).call(backend, shape, dtype, key, offset),
      [...shape],
      dtype,
    );
  }
  return fromArray(uniformValues(key, sizeOf(shape), offset), shape, { dtype, backend });
}

/** Normal numbers of mean 0 and deviation 1, by Box and Muller in float64 on the host, so that they are the same everywhere within rounding. */
export function normal(key: Key, shape: Shape, options: DrawOptions = {}): Tensor {
  checkOptions('normal', options, drawTable);
  const { dtype, backend, offset = 0 } = options;
  checkDraw('normal', key, shape, offset);
  const size = sizeOf(shape);
  const words = threefryWords(key, 2 * offset, 2 * size);
  const values = Float64Array.from({ length: size }, (_, index) => {
    const radius = Math.sqrt(-2 * Math.log(((words[2 * index] as number) + 1) / 2 ** 32));
    return radius * Math.cos((2 * Math.PI * (words[2 * index + 1] as number)) / 2 ** 32);
  });
  return fromArray(values, shape, { dtype, backend });
}

/** 1 with the given probability, else 0, of a float dtype. */
export function bernoulli(key: Key, probability: number, shape: Shape, options: DrawOptions = {}): Tensor {
  checkOptions('bernoulli', options, drawTable);
  if (typeof probability !== 'number' || !(probability >= 0 && probability <= 1)) {
    throw new ArgumentError(`bernoulli: the probability ${probability} is not a number from 0 to 1.`);
  }
  return scope(() => cast(less(uniform(key, shape, options), probability), options.dtype ?? 'f32'));
}

/** @throws ArgumentError unless all three are what a draw takes. */
function checkDraw(op: string, key: Key, shape: Shape, offset: number): void {
  requireKey(op, key);
  checkShape(op, shape);
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new ArgumentError(`${op}: offset ${offset} is not a whole number ≥ 0.`);
}

/** Uniform numbers on the host, as `uniform` draws them. */
export function uniformValues(key: Key, count: number, offset = 0): Float64Array {
  checkDraw('uniformValues', key, [count], offset);
  return Float64Array.from(threefryWords(key, offset, count), (word) => (word >>> 8) / 2 ** 24);
}
