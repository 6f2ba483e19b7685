import type { Tensor } from '@tempograd/core';
import type { Shape } from '@tempograd/core/backend';

/** What stands in the place of a tensor in a valid call. */
export interface TensorPlace {
  readonly shape: Shape;
  /** Default is float. */
  readonly kind?: 'float' | 'i32';
  /** What a valid call may have otherwise here: then that is not tried. Default is nothing. */
  readonly free?: readonly ('shape' | 'dtype' | 'float dtype' | 'number' | 'null' | 'tree' | 'disposed')[];
}

/** The tensors of a call by name. */
export type Given = Readonly<Record<string, Tensor>>;

/** A public function in a valid call, of which bad ones are derived. */
export interface Call {
  readonly name: string;
  readonly tensors: Readonly<Record<string, TensorPlace>>;
  /** The call itself; `other` is what stands in the place of an argument that is no tensor, by name. */
  run(given: Given, other: Readonly<Record<string, unknown>>): unknown;
  /** Arguments that are no tensors: a good value, then bad ones. */
  readonly others?: Readonly<Record<string, readonly [good: unknown, ...bad: unknown[]]>>;
}
