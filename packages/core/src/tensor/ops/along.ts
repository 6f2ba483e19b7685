import type { OptionKinds } from '../../backend/index.js';
import { ShapeError, formatShape } from '../../backend/index.js';
import type { Tensor } from '../Tensor.js';
import { transpose } from './layout.js';
import { normalAxis } from './operands.js';

/** Which axis to work along. */
export interface AxisOptions {
  /** Negative ones count from the back; default is the last one. */
  readonly axis?: number;
}

/** Kinds of `AxisOptions`. */
export const axisKinds: OptionKinds<AxisOptions> = { axis: 'number' };

/** The axis that options name, counted from the front. @throws ShapeError for a scalar, and where there is no such axis. */
export function axisOf(op: string, { axis = -1 }: AxisOptions, x: Tensor): number {
  if (x.rank === 0) throw new ShapeError(`${op}: a scalar has no axis to work along; reshape it to [1] first.`);
  return normalAxis(op, axis, x);
}

/** The axis brought behind all others. */
export function axisToBack(x: Tensor, axis: number): Tensor {
  const others = x.shape.flatMap((_, index) => (index === axis ? [] : [index]));
  return transpose(x, [...others, axis]);
}

/** The last axis brought back to where it was before `axisToBack`. */
export function axisFromBack(x: Tensor, axis: number): Tensor {
  const order = x.shape.map((_, index) => (index < axis ? index : index === axis ? x.rank - 1 : index - 1));
  return transpose(x, order);
}

/** @throws ShapeError where there is nothing to choose from along an axis. */
export function requireSome(op: string, x: Tensor, axis: number): void {
  if (x.shape[axis] !== 0) return;
  throw new ShapeError(`${op}: axis ${axis} of ${formatShape(x.shape)} is empty; there is nothing to choose from.`);
}
