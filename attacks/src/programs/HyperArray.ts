import { constant, minus, plus, times, type Hyper } from './Hyper.js';

/** A dense array of numbers that know their derivatives, in row-major order. */
export interface HyperArray {
  readonly shape: readonly number[];
  readonly values: readonly Hyper[];
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((count, length) => count * length, 1);

export function build(shape: readonly number[], fn: (place: readonly number[]) => Hyper): HyperArray {
  return { shape, values: Array.from({ length: sizeOf(shape) }, (_, index) => fn(placeOf(shape, index))) };
}

/** The element at a place; axes of length 1 stretch, and leading axes that are not there are skipped. */
export function at({ shape, values }: HyperArray, place: readonly number[]): Hyper {
  const skipped = place.length - shape.length;
  const index = shape.reduce(
    (sum, length, axis) => sum * length + (length === 1 ? 0 : (place[axis + skipped] as number)),
    0,
  );
  return values[index] as Hyper;
}

function placeOf(shape: readonly number[], index: number): number[] {
  const place = new Array<number>(shape.length);
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place[axis] = rest % (shape[axis] as number);
    rest = Math.floor(rest / (shape[axis] as number));
  }
  return place;
}

/** The shape of two arrays broadcast together, or null where they do not go together. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] | null {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const skipped = long.length - short.length;
  const shape = long.map((length, axis) => {
    const other = axis < skipped ? 1 : (short[axis - skipped] as number);
    return length === 1 ? other : other === 1 || other === length ? length : -1;
  });
  return shape.includes(-1) ? null : shape;
}

/** `fn` elementwise over arrays broadcast together. */
export function zip(xs: readonly HyperArray[], fn: (...elements: Hyper[]) => Hyper): HyperArray {
  const shape = xs.map((x) => x.shape).reduce((a, b) => broadcast(a, b) ?? []);
  return build(shape, (place) => fn(...xs.map((x) => at(x, place))));
}

/** Folds over `axes`, which stay with length 1. */
export function fold(x: HyperArray, axes: readonly number[], fn: (elements: readonly Hyper[]) => Hyper): HyperArray {
  const shape = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const groups = new Map<string, Hyper[]>();
  const nameOf = (place: readonly number[]): string =>
    place.map((coordinate, axis) => (axes.includes(axis) ? 0 : coordinate)).join();
  build(x.shape, (place) => {
    const element = at(x, place);
    const group = groups.get(nameOf(place));
    if (group === undefined) groups.set(nameOf(place), [element]);
    else group.push(element);
    return element;
  });
  return build(shape, (place) => fn(groups.get(nameOf(place)) ?? []));
}

export const total = (elements: readonly Hyper[]): Hyper => elements.reduce(plus, constant(0));

/** The largest; equal ones share its derivatives. */
export function largest(elements: readonly Hyper[]): Hyper {
  const value = Math.max(...elements.map(({ v }) => v));
  const winners = elements.filter(({ v }) => v === value);
  return winners.reduce((sum, x) => plus(sum, times(x, constant(1 / winners.length))), constant(0));
}

/** `[…, m, k] × […, k, n]`. */
export function product(a: HyperArray, b: HyperArray): HyperArray {
  const [m, inner] = a.shape.slice(-2) as [number, number];
  const lead = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)) ?? [];
  return build([...lead, m, b.shape.at(-1) as number], (place) => {
    const [front, row, column] = [place.slice(0, -2), place.at(-2) as number, place.at(-1) as number];
    // An axis of length 1 would be stretched, not indexed, which comes to the same.
    return total(
      Array.from({ length: inner }, (_, k) => times(at(a, [...front, row, k]), at(b, [...front, k, column]))),
    );
  });
}

export const permuted = (x: HyperArray, order: readonly number[]): HyperArray =>
  build(
    order.map((axis) => x.shape[axis] as number),
    (place) =>
      at(
        x,
        x.shape.map((_, axis) => place[order.indexOf(axis)] as number),
      ),
  );

export const swapLast = (x: HyperArray): HyperArray => {
  const axes = x.shape.map((_, axis) => axis);
  return permuted(x, [...axes.slice(0, -2), x.shape.length - 1, x.shape.length - 2]);
};

/** Mean over the last axis, which stays, and the differences from it. */
export function centred(x: HyperArray): HyperArray {
  const last = x.shape.length - 1;
  const mean = fold(x, [last], (elements) => times(total(elements), constant(1 / elements.length)));
  return zip([x, mean], minus);
}
