import { add, div, isReadable, minimum, mul, scalar, Tensor } from '@tempograd/core';
import type { DType } from '@tempograd/core/backend';

/** A scalar of an update: a number where the backend's can be read at once, else a tensor, which need not be known on the host. */
export type Scalar = Tensor | number;

type Combine = (a: Scalar, b: Scalar, dtype: DType) => Scalar;

/**
 * Arithmetic on the host where both are known there, with the bits that a backend would give in that dtype: of two f32 numbers f64 holds
 * more than what their sum, product and quotient are rounded to.
 */
const lift =
  (host: (a: number, b: number) => number, device: (a: Scalar, b: Scalar) => Tensor): Combine =>
  (a, b, dtype) =>
    typeof a === 'number' && typeof b === 'number'
      ? rounded(host(rounded(a, dtype), rounded(b, dtype)), dtype)
      : device(a, b);

export const plus: Combine = lift((a, b) => a + b, add);
export const times: Combine = lift((a, b) => a * b, mul);
export const over: Combine = lift((a, b) => a / b, div);
export const least: Combine = lift(Math.min, minimum);

/** A number as a dtype holds it. */
export function rounded(x: number, dtype: DType): number {
  return dtype === 'f32' ? Math.fround(x) : x;
}

/** The value of a scalar where it can be read at once, else the scalar. */
export function known(x: Tensor): Scalar {
  return isReadable(x) ? (x.readSync()[0] as number) : x;
}

/** A scalar as a tensor, of the dtype and backend of another one. */
export function tensorOf(x: Scalar, { dtype, backend }: Tensor): Tensor {
  return x instanceof Tensor ? x : scalar(x, { dtype, backend });
}
