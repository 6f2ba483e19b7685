import { createBackend, type JsHandle } from '@tempograd/backend-js';
import type { Kit } from '@tempograd/conformance';
import type { Backend, DType, FusedFamily, Operand, Shape } from '@tempograd/core/backend';
import { fusedFamilies, makeTypedArray, sizeOf } from '@tempograd/core/backend';

export type JsBackend = Backend<JsHandle>;
export type JsOperand = Operand<JsHandle>;

/** A fault put in on purpose, and the cases that must see it. */
export interface Mutant {
  readonly name: string;
  /** The sound backend that the fault is put into; default is the reference. */
  readonly base?: () => JsBackend;
  /** Members that replace those of the sound backend. */
  readonly backend?: (real: JsBackend) => Partial<JsBackend>;
  /** Optional families to take away first, so that core composes them. */
  readonly without?: readonly FusedFamily[];
  /** Members that replace those of the kit. */
  readonly kit?: Partial<Kit>;
  /** Default is f64. */
  readonly dtype?: 'f32' | 'f64';
  /** Full names of cases; every one of them must fail. */
  readonly caughtBy: readonly string[];
  /** What the failure must speak of. */
  readonly message?: RegExp;
}

/** The sound backend with a fault. */
export function mutantBackend({ base = createBackend, backend, without = [] }: Mutant): Backend {
  const real = base();
  const lacking = Object.fromEntries(
    without.flatMap((family) => fusedFamilies[family].map((member) => [member, undefined])),
  );
  return { ...real, ...lacking, name: 'mutant', ...backend?.(real) };
}

/** The values of an operand, not copied. */
export function valuesOf(x: JsOperand): Float64Array {
  return x.handle.data as Float64Array;
}

/** A new handle whose element i is `fn(i)`. */
export function make(real: JsBackend, shape: Shape, dtype: DType, fn: (index: number) => number): JsHandle {
  const data = makeTypedArray(dtype, sizeOf(shape));
  for (let index = 0; index < data.length; index++) data[index] = fn(index);
  return real.write(data, shape, dtype);
}

/** As `make`, as an operand. */
export function makeOperand(real: JsBackend, shape: Shape, dtype: DType, fn: (index: number) => number): JsOperand {
  return { handle: make(real, shape, dtype, fn), shape, dtype };
}

/** Runs `fn` with operands that are released afterwards. */
export function withOperands<R>(real: JsBackend, operands: readonly JsOperand[], fn: () => R): R {
  try {
    return fn();
  } finally {
    for (const { handle } of operands) real.release(handle);
  }
}
