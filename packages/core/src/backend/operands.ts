import type { Operand, OperandOrNumber } from './Backend.js';
import type { DType } from './dtype.js';
import type { Shape } from './shape.js';

/** The shape of an operand; a number is a scalar. */
export function operandShape<H extends object>(x: OperandOrNumber<H>): Shape {
  return typeof x === 'number' ? [] : x.shape;
}

/** The element type of two operands, at most one of which is a number. */
export function operandsDType<H extends object>(a: OperandOrNumber<H>, b: OperandOrNumber<H>): DType {
  return typeof a === 'number' ? (b as Operand<H>).dtype : a.dtype;
}
