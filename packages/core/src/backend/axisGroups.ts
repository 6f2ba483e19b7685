import type { Shape } from './shape.js';

/** Neighbouring axes that are kept, or reduced, together. */
export interface AxisGroup {
  length: number;
  readonly reduced: boolean;
}

/** The axes of a reduction as alternating groups, kept and reduced; axes of length 1 belong to none. */
export function groupAxes(shape: Shape, axes: readonly number[]): AxisGroup[] {
  return joinGroups(
    shape.map((length, axis) => ({ length, reduced: axes.includes(axis) })).filter(({ length }) => length !== 1),
  );
}

/** The same axes, neighbours of one kind joined. */
export function joinGroups(groups: readonly AxisGroup[]): AxisGroup[] {
  const joined: AxisGroup[] = [];
  for (const group of groups) {
    const previous = joined.at(-1);
    if (previous?.reduced === group.reduced) previous.length *= group.length;
    else joined.push({ ...group });
  }
  return joined;
}

/** Elements of these groups together. */
export function sizeOfGroups(groups: readonly AxisGroup[]): number {
  return groups.reduce((product, { length }) => product * length, 1);
}
