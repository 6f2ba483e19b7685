import { ArgumentError } from '@tempograd/core';
import type { RecurrentOptions } from './options.js';

/** @throws ArgumentError when an option sets biases of a layer that has none. */
export function requireBias(layer: string, option: string, options: RecurrentOptions): void {
  if (options.bias === false)
    throw new ArgumentError(`${layer}: ${option} sets a bias, but bias is false; leave one of them out.`);
}
