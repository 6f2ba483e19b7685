import { DTypeError } from '@tempograd/core/backend';

/** What to say to integers where a function has none. */
export function noIntegers(op: string): DTypeError {
  return new DTypeError(`${op} is defined for floating-point tensors, i32 was given. Cast it first: cast(x, 'f32').`);
}
