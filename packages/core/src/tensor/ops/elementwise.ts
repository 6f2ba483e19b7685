import {
  broadcastShapes,
  DTypeError,
  dtypes,
  type BinaryOp,
  type CompareOp,
  type DType,
  type UnaryOp,
} from '../../backend/index.js';
import { describe } from '../../backend/optionErrors.js';
import { bind } from '../bind.js';
import { alias } from '../scope.js';
import type { Tensor } from '../Tensor.js';
import { requireStored, requireTensor } from './checks.js';
import { requireDType, requireFloat, withOperands, type TensorLike } from './operands.js';

type Unary = (x: Tensor) => Tensor;
type Binary = (a: TensorLike, b: TensorLike) => Tensor;

const unary =
  (op: UnaryOp, integersToo = false): Unary =>
  (x) => {
    if (integersToo) requireTensor(op, 'the argument', x);
    else requireFloat(op, x);
    return bind(op, [x], null, x.shape, x.dtype);
  };

const binary =
  (op: BinaryOp, floatOnly = false): Binary =>
  (a, b) =>
    withOperands(op, a, b, (x, y) => {
      if (floatOnly) requireFloat(op, x);
      return bind(op, [x, y], null, broadcastShapes(x.shape, y.shape, op), x.dtype);
    });

const compare =
  (op: CompareOp): Binary =>
  (a, b) =>
    withOperands(op, a, b, (x, y) => bind('compare', [x, y], { op }, broadcastShapes(x.shape, y.shape, op), 'i32'));

/** `−x`. */
export const neg: Unary = unary('neg', true);
/** `|x|`; gradient `sign x`, 0 at 0. */
export const abs: Unary = unary('abs', true);
/** −1, 0 or 1; gradient 0. */
export const sign: Unary = unary('sign', true);
/** Largest whole number ≤ x; gradient 0. */
export const floor: Unary = unary('floor');
/** `eˣ`. */
export const exp: Unary = unary('exp');
/** Natural logarithm. */
export const log: Unary = unary('log');
/** `ln(1 + x)`, accurate near 0. */
export const log1p: Unary = unary('log1p');
/** Square root; gradient `1 / (2√x)`, infinite at 0. */
export const sqrt: Unary = unary('sqrt');
/** Sine, of radians. */
export const sin: Unary = unary('sin');
/** Cosine, of radians. */
export const cos: Unary = unary('cos');
/** Hyperbolic tangent. */
export const tanh: Unary = unary('tanh');
/** `1 / (1 + e⁻ˣ)`. */
export const sigmoid: Unary = unary('sigmoid');
/** `max(x, 0)`; gradient 0 at 0. */
export const relu: Unary = unary('relu', true);

/** `a + b`. */
export const add: Binary = binary('add');
/** `a − b`. */
export const sub: Binary = binary('sub');
/** `a · b`, elementwise. */
export const mul: Binary = binary('mul');
/** `a / b`. */
export const div: Binary = binary('div', true);
/** `aᵇ`; gradient of a is 0 where b = 0, gradient of b is 0 where a = 0. */
export const pow: Binary = binary('pow', true);
/** The larger of each pair; equal ones share the gradient half and half. */
export const maximum: Binary = binary('maximum');
/** The smaller of each pair; equal ones share the gradient half and half. */
export const minimum: Binary = binary('minimum');

/** i32: 1 where `a = b`. */
export const equal: Binary = compare('equal');
/** i32: 1 where `a < b`. */
export const less: Binary = compare('less');
/** i32: 1 where `a ≤ b`. */
export const lessEqual: Binary = compare('lessEqual');

/** `condition ≠ 0 ? a : b` elementwise, broadcast; the gradient goes to the branch taken alone. */
export function select(condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  return chosen('select', condition, a, b);
}

/** `select` by its name in PyTorch and NumPy: `condition ≠ 0 ? a : b`. */
export function where(condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  return chosen('where', condition, a, b);
}

function chosen(op: string, condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  requireDType(op, 'the condition', condition, 'i32');
  const choose = (x: Tensor, y: Tensor): Tensor => {
    const shape = broadcastShapes(condition.shape, broadcastShapes(x.shape, y.shape, op), op);
    return bind('select', [condition, x, y], null, shape, x.dtype);
  };
  return withOperands(op, a, b, choose, condition);
}

/**
 * Elements converted to another dtype; float → i32 truncates toward zero. Gradients pass between float types only.
 * @throws DTypeError for a dtype that there is not, or that the backend does not store.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  requireTensor('cast', 'the argument', x);
  if (!dtypes.includes(dtype)) {
    throw new DTypeError(`cast: there is no dtype ${describe(dtype)}; known are ${dtypes.join(', ')}.`);
  }
  requireStored('cast', dtype, x.backend);
  return x.dtype === dtype ? alias(x) : bind('cast', [x], { dtype }, x.shape, dtype);
}
