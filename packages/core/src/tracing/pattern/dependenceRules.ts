import {
  broadcastStrides,
  sizeOf,
  stridesOf,
  type Primitive,
  type PrimitiveAttributes,
  type Shape,
} from '../../backend/index.js';
import type { ElementSets } from './ElementSets.js';
import { matmulDependence } from './matmulDependence.js';
import { pulled, pushed } from './views.js';

/** What a rule is given: for each element of the output, the set of results that depend on it. */
export interface DependenceContext<A> {
  readonly sets: ElementSets;
  readonly reach: Int32Array;
  readonly shape: Shape;
  readonly inputs: readonly Shape[];
  /** Whether anything is asked of each input; what a rule gives for the others is not looked at. */
  readonly wants: readonly boolean[];
  readonly attributes: A;
}

/** For each input and each of its elements, the set of results that depend on it through this op; null for none. */
export type DependenceRule<A> = (context: DependenceContext<A>) => readonly (Int32Array | null)[];

/** Each output element depends on those of the inputs that broadcast to its place. */
const elementwise: DependenceRule<unknown> = ({ sets, reach, shape, inputs, wants }) =>
  inputs.map((input, index) =>
    wants[index] ? pushed(sets, reach, shape, input, 0, broadcastStrides(input, shape)) : null,
  );

/** No derivative passes: piecewise constant, or not a float. */
const none: DependenceRule<unknown> = ({ inputs }) => inputs.map(() => null);

/** The elements stay, in their order. */
const same: DependenceRule<unknown> = ({ reach }) => [reach];

const reduced: DependenceRule<{ readonly axes: readonly number[] }> = ({ reach, inputs, attributes: { axes } }) => {
  const input = inputs[0] as Shape;
  const kept = stridesOf(input.map((length, axis) => (axes.includes(axis) ? 1 : length)));
  return [pulled(reach, input, 0, kept.map((stride, axis) => (axes.includes(axis) ? 0 : stride)))]; // prettier-ignore
};

/** A rule for every primitive: one that is missing is a type error. */
export type DependenceRules = { readonly [P in Primitive]: DependenceRule<PrimitiveAttributes[P]> };

/** One line a primitive: which elements of its inputs an element of its output depends on, whatever the values are. */
export const dependenceRules: DependenceRules = {
  neg: elementwise,
  abs: elementwise,
  sign: none,
  floor: none,
  exp: elementwise,
  log: elementwise,
  log1p: elementwise,
  sqrt: elementwise,
  sin: elementwise,
  cos: elementwise,
  tanh: elementwise,
  sigmoid: elementwise,
  relu: elementwise,

  add: elementwise,
  sub: elementwise,
  mul: elementwise,
  div: elementwise,
  pow: elementwise,
  maximum: elementwise,
  minimum: elementwise,

  compare: none,
  select: elementwise,

  matmul: matmulDependence,
  sum: reduced,
  max: reduced,

  reshape: same,
  transpose: ({ sets, reach, shape, inputs: [input], attributes: { permutation } }) => {
    const strides = stridesOf(input as Shape);
    return [pushed(sets, reach, shape, input as Shape, 0, permutation.map((axis) => strides[axis] as number))]; // prettier-ignore
  },
  broadcast: elementwise,
  slice: ({ sets, reach, shape, inputs: [input], attributes: { begin } }) => {
    const strides = stridesOf(input as Shape);
    return [pushed(sets, reach, shape, input as Shape, offsetOf(begin, strides), strides)];
  },
  concat: ({ reach, shape, inputs, attributes: { axis } }) => {
    const strides = stridesOf(shape);
    let from = 0;
    return inputs.map((input) => {
      const offset = from * (strides[axis] as number);
      from += input[axis] as number;
      return pulled(reach, input, offset, strides);
    });
  },
  flip: ({ sets, reach, shape, attributes: { axes } }) => {
    const strides = stridesOf(shape);
    const ends = shape.map((length, axis) => (axes.includes(axis) ? length - 1 : 0));
    const turned = strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride));
    return [pushed(sets, reach, shape, shape, offsetOf(ends, strides), turned)];
  },
  // Which row is chosen depends on values, so every row may be.
  gather: ({ sets, reach, inputs: [x] }) => [everyRow(sets, reach, x as Shape, 1), null],
  scatterAdd: ({ sets, reach, inputs: [indices, updates] }) => [
    null,
    everyRow(sets, reach, updates as Shape, (indices as Shape).length),
  ],
  cast: same,
};

function offsetOf(index: readonly number[], strides: readonly number[]): number {
  return index.reduce((offset, at, axis) => offset + at * (strides[axis] as number), 0);
}

/** For an input of rows after its first `lead` axes: each of its rows may be any of the output's. */
function everyRow(sets: ElementSets, reach: Int32Array, input: Shape, lead: number): Int32Array {
  const width = sizeOf(input.slice(lead));
  const columns = Int32Array.from({ length: width }, (_, column) => {
    const ids = new Set<number>();
    for (let element = column; element < reach.length; element += width) ids.add(reach[element] as number);
    return sets.unionOf(ids);
  });
  return Int32Array.from({ length: sizeOf(input) }, (_, element) => columns[element % width] as number);
}
