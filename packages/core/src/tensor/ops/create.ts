import {
  ArgumentError,
  checkOptions,
  dtypes,
  formatShape,
  optionTable,
  ShapeError,
  sizeOf,
  toTypedArray,
  type Backend,
  type DType,
  type OptionKinds,
  type Shape,
} from '../../backend/index.js';
import { describe } from '../../backend/optionErrors.js';
import { newTensor } from '../bind.js';
import { backendOf } from '../defaultBackend.js';
import { openStage } from '../stage.js';
import type { Tensor } from '../Tensor.js';
import { flatten, requireElement, requireElements } from './elements.js';
import { requireStored, requireTensor } from './checks.js';

/** Where and as what to make a tensor. */
export interface CreateOptions {
  /** Element type; default is f32. */
  readonly dtype?: DType;
  /** Backend that holds it; default is the one selected by `useBackend`. */
  readonly backend?: Backend;
}

/** Kinds of `CreateOptions`. */
export const createKinds: OptionKinds<CreateOptions> = { dtype: dtypes, backend: 'backend' };
const createTable = optionTable<CreateOptions>(createKinds);

/** Numbers nested to any depth, every row of a depth equally long. */
export type NestedNumbers = number | readonly NestedNumbers[];

/**
 * A tensor of nested numbers, `tensor([[1, 2], [3, 4]])`.
 * @throws ShapeError when rows differ in length, ArgumentError where something is no number, both with its position.
 */
export function tensor(values: NestedNumbers, options: CreateOptions = {}): Tensor {
  checkOptions('tensor', options, createTable);
  const { flat, shape } = flatten('tensor', values, options.dtype ?? 'f32');
  return fromArray(flat, shape, options);
}

/**
 * A tensor of `shape` from values in row-major order; they are copied.
 * @throws ShapeError when there are more or fewer values than the shape holds, ArgumentError where one is no number of the dtype.
 */
export function fromArray(values: ArrayLike<number>, shape: Shape, options: CreateOptions = {}): Tensor {
  checkOptions('fromArray', options, createTable);
  checkShape('fromArray', shape);
  const dtype = options.dtype ?? 'f32';
  const backend = backendFor('fromArray', options, dtype);
  requireElements('fromArray', values, dtype);
  if (values.length !== sizeOf(shape)) {
    throw new ShapeError(
      `fromArray: shape ${formatShape(shape)} holds ${sizeOf(shape)} values, but ${values.length} were given.`,
    );
  }
  const data = toTypedArray(values, dtype);
  const stage = openStage();
  if (stage !== null) return stage.write(backend, data, [...shape], dtype);
  return newTensor(backend, backend.write(data, shape, dtype), [...shape], dtype);
}

/** A tensor with every element `value`. */
export function full(shape: Shape, value: number, options: CreateOptions = {}): Tensor {
  return filled('full', shape, value, options);
}

/** What `full` and its like make. */
function filled(op: string, shape: Shape, value: number, options: CreateOptions): Tensor {
  checkOptions(op, options, createTable);
  checkShape(op, shape);
  const dtype = options.dtype ?? 'f32';
  const backend = backendFor(op, options, dtype);
  requireElement(op, value, dtype, []);
  const stage = openStage();
  if (stage !== null) return stage.fill(backend, [...shape], value, dtype);
  return newTensor(backend, backend.fill(shape, value, dtype), [...shape], dtype);
}

/** A tensor of zeros. */
export function zeros(shape: Shape, options: CreateOptions = {}): Tensor {
  return filled('zeros', shape, 0, options);
}

/** A tensor of ones. */
export function ones(shape: Shape, options: CreateOptions = {}): Tensor {
  return filled('ones', shape, 1, options);
}

/** A tensor without axes. */
export function scalar(value: number, options: CreateOptions = {}): Tensor {
  return filled('scalar', [], value, options);
}

/** Zeros of another tensor's shape, dtype and backend. */
export function zerosLike(x: Tensor): Tensor {
  requireTensor('zerosLike', 'the argument', x);
  return full(x.shape, 0, { dtype: x.dtype, backend: x.backend });
}

/** Ones of another tensor's shape, dtype and backend. */
export function onesLike(x: Tensor): Tensor {
  requireTensor('onesLike', 'the argument', x);
  return full(x.shape, 1, { dtype: x.dtype, backend: x.backend });
}

/** The backend that is to hold a new tensor. @throws BackendError for one of another contract, DTypeError where it does not store the dtype. */
export function backendFor(op: string, options: CreateOptions, dtype: DType): Backend {
  const backend = backendOf(options.backend);
  requireStored(op, dtype, backend);
  return backend;
}

/** @throws ArgumentError unless the shape is a list of whole numbers ≥ 0. */
export function checkShape(op: string, shape: Shape): void {
  if (!Array.isArray(shape)) {
    throw new ArgumentError(`${op}: the shape must be a list of lengths, such as [2, 3], but is ${describe(shape)}.`);
  }
  // A copy, since `every` passes over holes.
  if (![...shape].every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw new ArgumentError(`${op}: ${formatShape(shape)} is not a shape; every length must be a whole number ≥ 0.`);
  }
}
