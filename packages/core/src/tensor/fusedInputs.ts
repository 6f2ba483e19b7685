import { DTypeError, isFloat, type DType } from '../backend/index.js';
import type { Each, FusedGradients, FusedInputs, FusedOp, InputKind } from './FusedOp.js';
import type { Tensor } from './Tensor.js';

type Inputs = Readonly<Record<string, Tensor | readonly Tensor[] | null>>;

/** The tensors of a fused op's inputs, in the order of their names. */
export function inputList<I extends FusedInputs<I>>(inputs: I): Tensor[] {
  const given: Inputs = inputs;
  const list: Tensor[] = [];
  for (const name in given) {
    const value = given[name] as Inputs[string];
    if (value === null) continue;
    if (isList(value)) list.push(...value);
    else list.push(value);
  }
  return list;
}

/** The same inputs with `fn(x, index)` for each tensor, `index` being its place in `inputList`. */
export function mapInputs<I extends FusedInputs<I>, T>(inputs: I, fn: (x: Tensor, index: number) => T): Each<I, T> {
  const given: Inputs = inputs;
  // A copy that is overwritten has its names at once.
  const mapped: Record<string, unknown> = { ...given };
  let next = 0;
  for (const name in given) {
    const value = given[name] as Inputs[string];
    if (value !== null) mapped[name] = isList(value) ? value.map((x) => fn(x, next++)) : fn(value, next++);
  }
  return mapped as Each<I, T>;
}

/** Gradients by name in the order of `inputList(inputs)`, null where there is none. */
export function gradientList<I extends FusedInputs<I>>(inputs: I, gradients: FusedGradients<I>): (Tensor | null)[] {
  const given: Inputs = inputs;
  const byName = gradients as Readonly<Record<string, Tensor | readonly (Tensor | null)[] | null | undefined>>;
  const list: (Tensor | null)[] = [];
  for (const name in given) {
    const value = given[name] as Inputs[string];
    if (value === null) continue;
    const gradient = byName[name] ?? null;
    if (!isList(value)) list.push(gradient as Tensor | null);
    else for (let i = 0; i < value.length; i++) list.push((gradient as readonly (Tensor | null)[] | null)?.[i] ?? null);
  }
  return list;
}

/** @throws DTypeError naming the input, unless each is of its kind and all floats are of one dtype. */
export function checkKinds<I extends FusedInputs<I>, A>({ family, kinds }: FusedOp<I, A>, inputs: I): void {
  const given: Inputs = inputs;
  let first: { readonly name: string; readonly dtype: DType } | null = null;
  for (const name in given) {
    const value = given[name] as Inputs[string];
    if (value === null) continue;
    const kind = kinds[name as keyof I];
    if (!isList(value)) first = checkKind(family, name, value, kind, first);
    else for (const x of value) first = checkKind(family, name, x, kind, first);
  }
}

/** Checks one input; returns the first float of the call, with its name. */
function checkKind(
  family: string,
  name: string,
  { dtype }: Tensor,
  kind: InputKind,
  first: { readonly name: string; readonly dtype: DType } | null,
): { readonly name: string; readonly dtype: DType } | null {
  if (dtype === 'i32' ? kind === 'float' : kind === 'i32') {
    const wanted = kind === 'i32' ? 'i32' : 'f32 or f64';
    throw new DTypeError(`${family}: ${name} must be ${wanted}, but is ${dtype}; convert it with cast().`);
  }
  if (!isFloat(dtype)) return first;
  if (first !== null && dtype !== first.dtype) {
    throw new DTypeError(
      `${family}: ${name} is ${dtype}, but ${first.name} is ${first.dtype}; convert one with cast().`,
    );
  }
  return first ?? { name, dtype };
}

function isList(value: Tensor | readonly Tensor[]): value is readonly Tensor[] {
  return Array.isArray(value);
}
