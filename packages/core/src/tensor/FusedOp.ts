import type { Backend, FusedFamily } from '../backend/index.js';
import type { ArrayTensor, Tensor } from './Tensor.js';

/** What the forward pass of a fused op leaves, in the scope it was called in. */
export interface FusedForward {
  readonly outputs: readonly ArrayTensor[];
  /** What the backward pass needs beside inputs and outputs; empty when not asked for. */
  readonly saved: readonly ArrayTensor[];
}

/** What the backward pass of a fused op is given. */
export interface FusedBackward<A> {
  readonly inputs: readonly ArrayTensor[];
  readonly outputs: readonly ArrayTensor[];
  readonly saved: readonly ArrayTensor[];
  /** dL/d output, null for zero; at least one is not null. */
  readonly cotangents: readonly (ArrayTensor | null)[];
  /** Whether the gradient of each input is wanted. */
  readonly wants: readonly boolean[];
  readonly attributes: A;
}

/**
 * An op that a backend may do in one go, and that can always be composed from primitives.
 * One definition holds both paths, so that they stand beside each other and cannot drift apart unseen.
 */
export interface FusedOp<A> {
  readonly family: FusedFamily;
  /** A reason why this backend cannot do this call fused though it has the family, or null. */
  refuses?(backend: Backend, inputs: readonly Tensor[], attributes: A): string | null;
  forward(backend: Backend, inputs: readonly ArrayTensor[], attributes: A, save: boolean): FusedForward;
  /** Gradients of the inputs in their order; null where not wanted or none. */
  backward(backend: Backend, call: FusedBackward<A>): readonly (Tensor | null)[];
  /** The same function of the same inputs from primitives. */
  composed(inputs: readonly Tensor[], attributes: A): Tensor[];
}
