import { faultInside, requireInside, type InsideNaming, type Tensor } from '@tempograd/core';

/** Which targets count, and where they stand. */
export interface CountedClasses {
  readonly mask?: Tensor | null;
  readonly ignoreIndex?: number;
  /** The step of the sequence that the first of them belongs to; default is 0. */
  readonly from?: number;
}

const naming = (op: string, { ignoreIndex, from = 0 }: CountedClasses): InsideNaming => ({
  op,
  what: 'target',
  of: 'classes',
  axes: ['step', 'row'],
  from,
  negativeIsNone: true,
  ...(ignoreIndex === undefined ? {} : { except: ignoreIndex }),
});

/** @throws ArgumentError naming step, row and value of a target that counts and is no class, where targets can be read at once. */
export function requireClasses(op: string, targets: Tensor, classes: number, counted: CountedClasses): void {
  if (targets.dtype === 'i32') requireInside(targets, classes, naming(op, counted), counted.mask ?? null);
}

/** The same in words, on any device; null where all are classes. */
export async function faultOfClasses(
  op: string,
  targets: Tensor,
  classes: number,
  counted: CountedClasses,
): Promise<string | null> {
  const [values, mask] = await Promise.all([targets.read(), counted.mask?.read() ?? null]);
  return faultInside(values, targets.shape, classes, naming(op, counted), mask);
}
