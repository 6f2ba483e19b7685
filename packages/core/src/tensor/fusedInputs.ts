import { DTypeError, isFloat } from '../backend/index.js';
import type { Each, FusedGradients, FusedInputs, FusedOp, InputKind } from './FusedOp.js';
import type { Tensor } from './Tensor.js';

/** The tensors of a fused op's inputs, in the order of their names. */
export function inputList<I extends FusedInputs<I>>(inputs: I): Tensor[] {
  const list: Tensor[] = [];
  mapInputs(inputs, (x) => list.push(x));
  return list;
}

/** The same inputs with `fn(x, index)` for each tensor, `index` being its place in `inputList`. */
export function mapInputs<I extends FusedInputs<I>, T>(inputs: I, fn: (x: Tensor, index: number) => T): Each<I, T> {
  let next = 0;
  const mapped: Record<string, T | T[] | null> = {};
  for (const [name, value] of Object.entries<Tensor | readonly Tensor[] | null>(inputs)) {
    if (value === null) mapped[name] = null;
    else mapped[name] = isList(value) ? value.map((x) => fn(x, next++)) : fn(value, next++);
  }
  return mapped as Each<I, T>;
}

/** Gradients by name in the order of `inputList(inputs)`, null where there is none. */
export function gradientList<I extends FusedInputs<I>>(inputs: I, gradients: FusedGradients<I>): (Tensor | null)[] {
  const byName = gradients as Readonly<Record<string, Tensor | readonly (Tensor | null)[] | null | undefined>>;
  return Object.entries<Tensor | readonly Tensor[] | null>(inputs).flatMap(([name, value]) => {
    if (value === null) return [];
    const given = byName[name] ?? null;
    if (!isList(value)) return [given as Tensor | null];
    return value.map((_, index) => (given as readonly (Tensor | null)[] | null)?.[index] ?? null);
  });
}

/** @throws DTypeError naming the input, unless each is of its kind and all floats are of one dtype. */
export function checkKinds<I extends FusedInputs<I>, A>({ family, kinds }: FusedOp<I, A>, inputs: I): void {
  let first: { readonly name: string; readonly dtype: string } | null = null;
  for (const [name, value] of Object.entries<Tensor | readonly Tensor[] | null>(inputs)) {
    const kind: InputKind = kinds[name as keyof I];
    for (const { dtype } of value === null ? [] : isList(value) ? value : [value]) {
      if (dtype === 'i32' ? kind === 'float' : kind === 'i32') {
        const wanted = kind === 'i32' ? 'i32' : 'f32 or f64';
        throw new DTypeError(`${family}: ${name} must be ${wanted}, but is ${dtype}; convert it with cast().`);
      }
      if (!isFloat(dtype)) continue;
      first ??= { name, dtype };
      if (dtype !== first.dtype) {
        throw new DTypeError(
          `${family}: ${name} is ${dtype}, but ${first.name} is ${first.dtype}; convert one with cast().`,
        );
      }
    }
  }
}

function isList(value: Tensor | readonly Tensor[]): value is readonly Tensor[] {
  return Array.isArray(value);
}
