import type { Block, Word } from '../KernelCase.js';
import type { Sample } from '../Sample.js';

/** A tensor read through strides. */
export interface View {
  readonly block: Block;
  /** Element number 0 of the view, and from element to element along each axis. */
  readonly first: number;
  readonly strides: readonly number[];
}

/** A view of `shape` whose axes, in any order, lie in memory forwards, backwards or not at all; the last one as `last` picks. */
export function sampleView(
  sample: Sample,
  name: string,
  shape: readonly number[],
  make: (length: number) => Block['data'],
  last: () => number,
): View {
  const strides = shape.map(() => 0);
  const order = shape.map((_, axis) => axis).sort(() => sample.number());
  let extent = 1;
  let first = 0;
  const inner = shape.length - 1;
  for (const axis of inner < 0 ? [] : [inner, ...order.filter((of) => of !== inner)]) {
    const steps = Math.max(shape[axis]! - 1, 0);
    const dense = sample.chance(0.3) ? 0 : extent + (sample.chance(0.3) ? sample.random.whole(1, 4) : 0);
    const stride = axis === inner ? last() : sample.chance(0.2) ? -dense : dense;
    strides[axis] = stride;
    extent += Math.abs(stride) * steps;
    if (stride < 0) first -= stride * steps;
  }
  return { block: sample.input(name, make(extent)), first, strides };
}

/** Elements of views in the order of a dense result. */
export function eachElement(shape: readonly number[], views: readonly View[], visit: (values: number[]) => void): void {
  const walk = (axis: number, at: readonly number[]): void => {
    if (axis === shape.length) visit(views.map(({ block }, i) => block.data[at[i]!]!));
    else
      for (let i = 0; i < shape[axis]!; i++)
        walk(
          axis + 1,
          at.map((from, view) => from + i * views[view]!.strides[axis]!),
        );
  };
  walk(
    0,
    views.map(({ first }) => first),
  );
}

/** The words that say how views are walked: total, inner length, inner strides, rank, and the outer axes innermost first. */
export function layoutWords(shape: readonly number[], views: readonly View[]): number[] {
  const outer = shape.slice(0, -1).map((length, axis) => [length, ...views.map(({ strides }) => strides[axis]! * 4)]);
  const total = shape.reduce((product, length) => product * length, 1);
  return [
    total,
    shape.at(-1) ?? 1,
    ...views.map(({ strides }) => (strides.at(-1) ?? 0) * 4),
    outer.length,
    ...outer.reverse().flat(),
  ];
}

/** The address of a view's first element. */
export const start = ({ block, first }: View): Word => ({ block, at: first });

/** Up to four axes; one may have no length. */
export function sampleShape(sample: Sample): number[] {
  const rank = sample.random.whole(0, 5);
  return Array.from({ length: rank }, (_, axis) =>
    sample.length(axis === rank - 1 ? 300 : 4, sample.chance(0.05) ? 0 : 1),
  );
}
