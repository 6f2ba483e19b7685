import { ShapeError } from './errors.js';

/** Lengths of a tensor's axes, outermost first; `[]` is a scalar. Storage is row-major and contiguous. */
export type Shape = readonly number[];

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

/** Whether two shapes are the same, axis by axis. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/**
 * The shape two operands broadcast to: aligned at the last axis, a length of 1 stretches.
 * @throws ShapeError naming both shapes when some axis pair is neither equal nor 1.
 */
export function broadcastShapes(a: Shape, b: Shape, op: string): number[] {
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let axis = 0; axis < rank; axis++) {
    const lengthA = a[axis - rank + a.length] ?? 1;
    const lengthB = b[axis - rank + b.length] ?? 1;
    if (lengthA !== lengthB && lengthA !== 1 && lengthB !== 1) {
      throw new ShapeError(
        `${op}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: ` +
          `axis ${axis - rank} has lengths ${lengthA} and ${lengthB}; they must be equal or one of them 1.`,
      );
    }
    result[axis] = lengthA === 1 ? lengthB : lengthA;
  }
  return result;
}

/** Strides that read an operand of `shape` as if it were broadcast to `target`: stretched axes get stride 0. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const own = stridesOf(shape);
  const lead = target.length - shape.length;
  return target.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : (own[axis - lead] as number)));
}

/** Batch, rows and columns where the permutation only swaps two neighbouring groups at the end; else null. */
export function asMatrices(
  shape: Shape,
  permutation: readonly number[],
): [batch: number, rows: number, columns: number] | null {
  let lead = 0;
  while (lead < permutation.length && permutation[lead] === lead) lead++;
  const split = permutation[lead];
  if (split === undefined) return null;
  const rest = permutation.length - lead;
  for (let i = 0; i < rest; i++) if (permutation[lead + i] !== lead + ((split - lead + i) % rest)) return null;
  return [sizeOf(shape.slice(0, lead)), sizeOf(shape.slice(lead, split)), sizeOf(shape.slice(split))];
}

/** A shape as people read it: `[50, 32, 128]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
