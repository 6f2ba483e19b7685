import type { Shape } from '@tempograd/core/backend';

/** How to walk operands of one shape and different strides: an odometer over the outer axes, one run of constant steps over the innermost. */
export interface Runs {
  readonly outerShape: readonly number[];
  /** For each operand, the strides of the outer axes. */
  readonly outerStrides: readonly (readonly number[])[];
  /** Elements of a run. */
  readonly length: number;
  /** For each operand, the step from one element of a run to the next. */
  readonly steps: readonly number[];
}

/**
 * Plans the walk, with as few and as long runs as the strides allow: axes of length 1 are dropped, and an axis is merged
 * with the next one where every operand goes through both at one stride.
 */
export function planRuns(shape: Shape, strides: readonly (readonly number[])[]): Runs {
  const merged: { length: number; strides: number[] }[] = [];
  for (const [axis, length] of shape.entries()) {
    if (length === 1) continue;
    const own = strides.map((operand) => operand[axis]!);
    const outer = merged.at(-1);
    if (outer !== undefined && outer.strides.every((stride, operand) => stride === own[operand]! * length)) {
      outer.length *= length;
      outer.strides = own;
    } else {
      merged.push({ length, strides: own });
    }
  }
  const inner = merged.pop() ?? { length: 1, strides: strides.map(() => 0) };
  return {
    outerShape: merged.map((axis) => axis.length),
    outerStrides: strides.map((_, operand) => merged.map((axis) => axis.strides[operand]!)),
    length: inner.length,
    steps: inner.strides,
  };
}

/** Calls `visit` for each run in row-major order, with where it starts in each operand (`offsets` is reused) and in the dense result. */
export function forEachRun(
  runs: Runs,
  starts: readonly number[],
  visit: (offsets: readonly number[], out: number) => void,
): void {
  const { outerShape, outerStrides, length } = runs;
  if (length === 0 || outerShape.includes(0)) return;
  const index = outerShape.map(() => 0);
  const offsets = [...starts];
  for (let out = 0; ; out += length) {
    visit(offsets, out);
    let axis = index.length - 1;
    for (; axis >= 0; axis--) {
      index[axis]! += 1;
      const wrapped = index[axis] === outerShape[axis];
      const move = wrapped ? 1 - outerShape[axis]! : 1;
      for (let operand = 0; operand < offsets.length; operand++) {
        offsets[operand]! += move * outerStrides[operand]![axis]!;
      }
      if (!wrapped) break;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}
