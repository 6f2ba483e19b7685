import {
  ArgumentError,
  foldInName,
  fromArray,
  type Backend,
  type FloatDType,
  type Key,
  type Shape,
  type Tensor,
} from '@tempograd/core';
import { optionTable, type OptionTable } from '@tempograd/core/backend';
import type { Initialiser } from '../init/index.js';

/** Where and as what to make parameters. */
export interface InitOptions {
  /** Default is f32. */
  readonly dtype?: FloatDType;
  /** Default is the one selected by `useBackend`. */
  readonly backend?: Backend;
}

/** Kinds of `InitOptions`. */
export const initTable: OptionTable = optionTable<InitOptions>({ dtype: ['f32', 'f64'], backend: 'backend' });

/** A parameter's starting value: its numbers depend on the key and its name alone, not on what else was made before. */
export function parameter(
  key: Key,
  name: string,
  shape: Shape,
  initialiser: Initialiser,
  options: InitOptions = {},
): Tensor {
  return fromArray(initialiser(foldInName(key, name), shape), shape, options);
}

/** @throws ArgumentError unless every size given is a whole number ≥ 1. */
export function requireSizes(layer: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 1) {
      throw new ArgumentError(`${layer}: ${name} must be a whole number ≥ 1, but is ${String(size)}.`);
    }
  }
}
