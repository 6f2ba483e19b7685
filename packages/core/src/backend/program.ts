import type { DType } from './dtype.js';
import type { BinaryOp, CompareOp, UnaryOp } from './primitives.js';
import type { Shape } from './shape.js';

/** What each primitive needs beside its tensors. */
export type PrimitiveAttributes = Record<UnaryOp | BinaryOp, null> & {
  compare: { readonly op: CompareOp };
  select: null;
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  sum: { readonly axes: readonly number[] };
  max: { readonly axes: readonly number[] };
  reshape: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  broadcast: { readonly shape: Shape };
  slice: { readonly begin: readonly number[]; readonly size: readonly number[] };
  concat: { readonly axis: number };
  flip: { readonly axes: readonly number[] };
  gather: null;
  scatterAdd: { readonly rows: number };
  cast: { readonly dtype: DType };
};

/** The functions that all others are made of: one row in each rules table, one method of every backend. */
export type Primitive = keyof PrimitiveAttributes;

/** What is known of a value before it is computed. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** An argument of an equation: a variable by its number, or a number that stands for a scalar of `dtype`, and may be in any place. */
export type Argument = { readonly variable: number } | { readonly literal: number; readonly dtype: DType };

/** One primitive applied to arguments, and the type of its result. */
export type Equation<P extends Primitive = Primitive> = {
  readonly [K in P]: TensorType & {
    readonly primitive: K;
    readonly inputs: readonly Argument[];
    readonly attributes: PrimitiveAttributes[K];
  };
}[P];

/**
 * A function of tensors as plain data: straight-line, typed, without side effects. Variables `0 … inputs.length − 1` are the
 * inputs; equation k makes variable `inputs.length + k` from variables before it. `broadcast` of a literal is a fill.
 */
export interface ProgramData<E = Equation> {
  readonly inputs: readonly TensorType[];
  readonly equations: readonly E[];
  readonly outputs: readonly Argument[];
}
