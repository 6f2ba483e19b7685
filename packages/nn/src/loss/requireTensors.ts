import { ArgumentError, Tensor } from '@tempograd/core';

/** @throws ArgumentError naming the one that is no tensor. */
export function requireTensors(op: string, given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given)) {
    if (value instanceof Tensor) continue;
    throw new ArgumentError(
      `${op}: ${name} must be a tensor, but is ${value === null ? 'null' : typeof value}; make one with tensor().`,
    );
  }
}
