import type { Backend, FusedFamily } from '../backend/index.js';
import type { ArrayTensor, Tensor } from './Tensor.js';

/** The inputs of a fused op by name: a tensor each, a list of tensors, or null where one is left out. */
export type FusedInputs<I> = { readonly [K in keyof I]: Tensor | readonly Tensor[] | null };

/** The inputs `I` with a `T` in the place of each tensor. */
export type Each<I, T> = { readonly [K in keyof I]: EachOf<I[K], T> };

type EachOf<V, T> = V extends Tensor ? T : V extends readonly Tensor[] ? readonly T[] : V;

/** Gradients by the name of the input; null or left out where not wanted or none. */
export type FusedGradients<I> = { readonly [K in keyof I]?: EachOf<I[K], Tensor | null> | null };

/** What an input must be: 'float' are all of one dtype, f32 or f64; 'i32' are numbers of rows, targets and masks. */
export type InputKind = 'float' | 'i32' | 'float or i32';

/** What the forward pass of a fused op leaves, in the scope it was called in. */
export interface FusedForward {
  readonly outputs: readonly ArrayTensor[];
  /** What the backward pass needs beside inputs and outputs; empty when not asked for. */
  readonly saved: readonly ArrayTensor[];
}

/** What the backward pass of a fused op is given. */
export interface FusedBackward<I, A> {
  readonly inputs: Each<I, ArrayTensor>;
  readonly outputs: readonly ArrayTensor[];
  readonly saved: readonly ArrayTensor[];
  /** dL/d output, null for zero; at least one is not null. */
  readonly cotangents: readonly (ArrayTensor | null)[];
  /** Whether the gradient of each input is wanted. */
  readonly wants: Each<I, boolean>;
  /**
   * Of an op that `accumulates`, gradients so far of the inputs, where there are any that nobody else holds: the op may add its own
   * to one in place, and then returns that same tensor; whatever else it returns is added by the caller.
   */
  readonly soFar: Each<I, ArrayTensor | null> | null;
  readonly attributes: A;
}

/**
 * An op that a backend may do in one go, and that can always be composed from primitives.
 * One definition holds both paths, so that they stand beside each other and cannot drift apart unseen.
 */
export interface FusedOp<I extends FusedInputs<I>, A> {
  readonly family: FusedFamily;
  /** Checked on every path before anything is computed: a backend may take the kinds of its operands for granted. */
  readonly kinds: { readonly [K in keyof I]: InputKind };
  /** Whether its backward pass can add to gradients so far; default is false. */
  readonly accumulates?: boolean;
  forward(backend: Backend, inputs: Each<I, ArrayTensor>, attributes: A, save: boolean): FusedForward;
  backward(backend: Backend, call: FusedBackward<I, A>): FusedGradients<I>;
  /** The same function of the same inputs from primitives. */
  composed(inputs: I, attributes: A): Tensor[];
}
