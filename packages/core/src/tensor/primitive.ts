import type { BinaryOp, CompareOp, DType, Shape, UnaryOp } from '../backend/index.js';

/** What each primitive needs beside its tensors. */
export type Attributes = Record<UnaryOp | BinaryOp, null> & {
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
export type Primitive = keyof Attributes;
