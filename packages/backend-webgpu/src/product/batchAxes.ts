/** An axis of a batch of products: its length, and how many elements apart the operands of neighbours lie (0: they share one). */
export interface BatchAxis {
  readonly length: number;
  readonly a: number;
  readonly b: number;
  readonly out: number;
}

/** The same batch, outermost axis first, with as few axes as can be: none of length 1, and none that runs on in the next. */
export function mergeAxes(axes: readonly BatchAxis[]): BatchAxis[] {
  const merged: BatchAxis[] = [];
  for (const axis of axes) {
    if (axis.length === 1) continue;
    const outer = merged.at(-1);
    const runsOn =
      outer !== undefined &&
      outer.a === axis.a * axis.length &&
      outer.b === axis.b * axis.length &&
      outer.out === axis.out * axis.length;
    if (runsOn) merged[merged.length - 1] = { ...axis, length: outer.length * axis.length };
    else merged.push(axis);
  }
  return merged;
}
