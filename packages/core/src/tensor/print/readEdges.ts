import type { Backend, Operand, Shape, TypedArray } from '../../backend/index.js';
import { sizeOf } from '../../backend/index.js';

/** The values that are shown of a tensor: of a long axis the first and the last few. */
export interface Edges {
  readonly values: TypedArray;
  readonly shape: Shape;
}

/** Up to so many values all are shown. */
const threshold = 100;

/** How many places of an axis are shown at each end; null where even one would be too many in all. */
function edgeFor(shape: Shape): number | null {
  const size = (edge: number): number => sizeOf(shape.map((length) => Math.min(length, 2 * edge)));
  if (sizeOf(shape) <= threshold) return Infinity;
  return [3, 2, 1].find((edge) => size(edge) <= 2 * threshold) ?? null;
}

/** What is to be shown of a tensor that can be read at once; only the edges are copied. Null where it has too many axes to show. */
export function readEdges(backend: Backend, x: Operand): Edges | null {
  const edge = edgeFor(x.shape);
  if (edge === null || backend.readSync === undefined) return null;
  const made: object[] = [];
  const as = (handle: object, shape: Shape): Operand => {
    made.push(handle);
    return { handle, shape, dtype: x.dtype };
  };
  try {
    let shown: Operand = { handle: x.handle, shape: x.shape, dtype: x.dtype };
    x.shape.forEach((length, axis) => {
      if (length <= 2 * edge) return;
      const withAxis = (size: number): number[] => shown.shape.map((n, index) => (index === axis ? size : n));
      const end = (from: number): Operand => {
        const begin = shown.shape.map((_, index) => (index === axis ? from : 0));
        return as(backend.slice(shown, begin, withAxis(edge)), withAxis(edge));
      };
      shown = as(backend.concat([end(0), end(length - edge)], axis), withAxis(2 * edge));
    });
    return { values: backend.readSync(shown), shape: shown.shape };
  } finally {
    for (const handle of made) backend.release(handle);
  }
}
