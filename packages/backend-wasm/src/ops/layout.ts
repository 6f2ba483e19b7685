import type { Shape } from '@tempograd/core/backend';

/** How a dense result is walked through operands with strides: an inner row, and the axes outside of it, as the kernels take it. */
export interface Layout {
  /** Elements in an inner row. */
  readonly inner: number;
  /** Bytes from element to element of that row, for each operand. */
  readonly innerStrides: readonly number[];
  readonly rank: number;
  /** The outer axes, innermost first: each its length, then its stride in bytes for each operand. */
  readonly axes: readonly number[];
}

/** The layout of a result of `shape` over operands with these strides, in elements; axes that can be walked as one are joined. */
export function layOut(shape: Shape, strides: readonly (readonly number[])[]): Layout {
  const axes: number[][] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] as number;
    if (length === 1) continue;
    const current = strides.map((of) => (of[axis] as number) * 4);
    const inside = axes.at(-1);
    const joins =
      inside !== undefined &&
      current.every((stride, i) => stride === (inside[i + 1] as number) * (inside[0] as number));
    if (joins) inside[0] = (inside[0] as number) * length;
    else axes.push([length, ...current]);
  }
  const [inner = [1, ...strides.map(() => 0)], ...outer] = axes;
  return { inner: inner[0] as number, innerStrides: inner.slice(1), rank: outer.length, axes: outer.flat() };
}
