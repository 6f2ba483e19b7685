import { DTypeError } from './errors.js';

/** What a backend says to integers where an op has none. */
export function noIntegers(op: string): DTypeError {
  return new DTypeError(`${op} is defined for floating-point tensors, i32 was given. Cast it first: cast(x, 'f32').`);
}
