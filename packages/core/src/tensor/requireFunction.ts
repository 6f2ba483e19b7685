import { ArgumentError } from '../backend/index.js';
import { describe } from '../backend/optionErrors.js';

/** @throws ArgumentError for what cannot be called. */
export function requireFunction(op: string, fn: unknown): void {
  if (typeof fn !== 'function') throw new ArgumentError(`${op}: needs a function, but was given ${describe(fn)}.`);
}
