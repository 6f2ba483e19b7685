import { TraceError, type Backend, type DType, type Shape, type TypedArray } from '../backend/index.js';
import type { Primitive } from './primitive.js';
import type { PrimitiveCall, Tensor } from './Tensor.js';

/**
 * What writes down a function that is being traced. While one is open, every op goes to it, whatever its inputs are, and no
 * backend computes anything; differentiations begun inside the function still come first, and their ops end here.
 */
export interface Stage {
  /** Differentiations with a higher level were begun inside. */
  readonly level: number;
  process<P extends Primitive>(call: PrimitiveCall<P>): Tensor;
  /** A tensor with every element `value`. */
  fill(backend: Backend, shape: Shape, value: number, dtype: DType): Tensor;
  /** A tensor of values from the host, which are copied. */
  write(backend: Backend, data: TypedArray, shape: Shape, dtype: DType): Tensor;
  /** The same values without any gradient, of a tensor that no differentiation watches now. */
  detach(x: Tensor): Tensor;
}

let open: Stage | null = null;

/** The stage of the function that is being traced now, or null. */
export function openStage(): Stage | null {
  return open;
}

/** Runs `fn` with `stage` open. */
export function withStage<R>(stage: Stage, fn: () => R): R {
  const outer = open;
  open = stage;
  try {
    return fn();
  } finally {
    open = outer;
  }
}

/** @throws TraceError inside a function that is being traced: `what` it did cannot be in a program. */
export function refuseInStage(what: string): void {
  if (open !== null) throw new TraceError(`${what}, inside a function that is being traced. ${advice}`);
}

const advice =
  'A traced function may not look at values, and all it does must be in what it returns: choose with select() instead of `if`, ' +
  'and return what is wanted outside.';
