import { ArgumentError } from '../backend/errors.js';

/** @throws ArgumentError unless `value` is a whole number of steps ≥ 1, or infinite where that is allowed. */
export function checkSteps(
  of: string,
  name: string,
  value: number,
  { orInfinity = false }: { readonly orInfinity?: boolean } = {},
): void {
  if ((Number.isSafeInteger(value) && value >= 1) || (orInfinity && value === Infinity)) return;
  throw new ArgumentError(
    `${of}: ${name} is a number of steps and must be a whole number ≥ 1${orInfinity ? ', or Infinity' : ''}, but is ${value}.`,
  );
}
