import { ArgumentError, DTypeError, type Backend, type DType } from '../../backend/index.js';
import { describe } from '../../backend/optionErrors.js';
import { Tensor } from '../Tensor.js';

/** @throws ArgumentError for what is no tensor: a number, a list, nothing. */
export function requireTensor(op: string, what: string, x: unknown): asserts x is Tensor {
  if (x instanceof Tensor) return;
  throw new ArgumentError(`${op}: ${what} must be a tensor, but is ${describe(x)}. Make one with tensor().`);
}

/** @throws ArgumentError for what is no list: a number, a text, nothing. */
export function requireList(op: string, what: string, list: unknown): asserts list is readonly unknown[] {
  if (Array.isArray(list)) return;
  throw new ArgumentError(`${op}: ${what} must be a list, but is ${describe(list)}.`);
}

/** @throws DTypeError unless the backend stores elements of the type. */
export function requireStored(op: string, dtype: DType, { name, capabilities }: Backend): void {
  if (capabilities.dtypes.includes(dtype)) return;
  throw new DTypeError(
    `${op}: ${dtype} was asked for, but ${name} stores ${capabilities.dtypes.join(' and ')}. Use one of these here; ` +
      'f64 is what the reference has: useBackend(createBackend()) of @tempograd/backend-js.',
  );
}
