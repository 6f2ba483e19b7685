import type { Shape } from '@tempograd/core/backend';

/** An axis of a walk: its length, then the step from element to element in each of up to three operands. */
export type Axis = [length: number, a: number, b: number, c: number];

/** The axes of `shape`, innermost first, over operands with these strides, in elements; axes that can be walked as one are joined. */
export function joinAxes(
  shape: Shape,
  a: readonly number[],
  b: readonly number[] | null = null,
  c: readonly number[] | null = null,
): Axis[] {
  const axes: Axis[] = [];
  let inside: Axis | undefined;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] as number;
    if (length === 1) continue;
    const outer: Axis = [length, a[axis] as number, b?.[axis] ?? 0, c?.[axis] ?? 0];
    if (inside !== undefined && joins(outer, inside)) inside[0] *= length;
    else axes.push((inside = outer));
  }
  if (axes.length === 0) axes.push([1, 0, 0, 0]);
  return axes;
}

/** Whether a step along `outer` is as far as one past the end of `inside`, in every operand. */
function joins(outer: Axis, inside: Axis): boolean {
  const [length, a, b, c] = inside;
  return outer[1] === a * length && outer[2] === b * length && outer[3] === c * length;
}
