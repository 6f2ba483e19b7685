import {
  add,
  broadcastTo,
  cast,
  cos,
  div,
  equal,
  flip,
  less,
  mul,
  neg,
  pad,
  reshape,
  scatterAdd,
  select,
  sign,
  sin,
  slice,
  sub,
  sum,
  transpose,
} from '../tensor/ops/index.js';
import type { Attributes, Primitive } from '../tensor/primitive.js';
import type { Tensor } from '../tensor/Tensor.js';
import { gatherInside, powByBase, powByExponent, winnerShare } from './derivatives.js';
import { matmulCotangents } from './matmulCotangents.js';
import { sumTo } from './sumTo.js';

/** What a rule may look at. Of tensors not named in its `uses`, only shape and dtype may be read: their values may be gone. */
export interface VjpContext<A> {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly attributes: A;
  /** Whether the gradient of each input is wanted. */
  readonly wants: readonly boolean[];
}

/** How to pull dL/d output back to dL/d inputs. */
export interface VjpRule<A> {
  /** Which values must be kept for it: inputs by number, and the output. */
  readonly uses: readonly (number | 'output')[];
  /** Gradients in the order of the inputs; null where there is none. */
  pull(cotangent: Tensor, context: VjpContext<A>): readonly (Tensor | null)[];
}

/** Rule of a primitive that no gradient passes: piecewise constant, or not a float. */
export type ZeroRule = 'zero';

const one = (uses: VjpRule<null>['uses'], derivative: (g: Tensor, x: Tensor, y: Tensor) => Tensor): VjpRule<null> => ({
  uses,
  pull: (g, { inputs: [x], output }) => [derivative(g, x as Tensor, output)],
});

const two = (
  uses: VjpRule<null>['uses'],
  left: (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor,
  right: (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor,
): VjpRule<null> => ({
  uses,
  pull: (g, { inputs, output, wants }) => {
    const [a, b] = inputs as [Tensor, Tensor];
    return [
      wants[0] ? sumTo(left(g, a, b, output), a.shape) : null,
      wants[1] ? sumTo(right(g, a, b, output), b.shape) : null,
    ];
  },
});

const through = (pull: (g: Tensor, x: Tensor) => Tensor): VjpRule<unknown> => ({
  uses: [],
  pull: (g, { inputs: [x] }) => [pull(g, x as Tensor)],
});

/** A rule for every primitive: one that is missing is a type error. */
export type VjpRules = { readonly [P in Primitive]: VjpRule<Attributes[P]> | ZeroRule };

/** One line a primitive: y = f(x…), g = dL/dy. */
export const vjpRules: VjpRules = {
  neg: one([], (g) => neg(g)),
  abs: one([0], (g, x) => mul(g, sign(x))),
  sign: 'zero',
  floor: 'zero',
  exp: one(['output'], (g, _x, y) => mul(g, y)),
  log: one([0], (g, x) => div(g, x)),
  log1p: one([0], (g, x) => div(g, add(x, 1))),
  sqrt: one(['output'], (g, _x, y) => div(mul(g, 0.5), y)),
  sin: one([0], (g, x) => mul(g, cos(x))),
  cos: one([0], (g, x) => neg(mul(g, sin(x)))),
  tanh: one(['output'], (g, _x, y) => mul(g, sub(1, mul(y, y)))),
  sigmoid: one(['output'], (g, _x, y) => mul(g, mul(y, sub(1, y)))),
  relu: one(['output'], (g, _x, y) => select(less(0, y), g, 0)),

  add: two(
    [],
    (g) => g,
    (g) => g,
  ),
  sub: two(
    [],
    (g) => g,
    (g) => neg(g),
  ),
  mul: two(
    [0, 1],
    (g, _a, b) => mul(g, b),
    (g, a) => mul(g, a),
  ),
  div: two(
    [0, 1],
    (g, _a, b) => div(g, b),
    (g, a, b) => neg(div(mul(g, a), mul(b, b))),
  ),
  pow: two(
    [0, 1, 'output'],
    (g, a, b) => mul(g, powByBase(a, b)),
    (g, a, _b, y) => mul(g, powByExponent(a, y)),
  ),
  maximum: two(
    [0, 1],
    (g, a, b) => mul(g, winnerShare(a, b)),
    (g, a, b) => mul(g, winnerShare(b, a)),
  ),
  minimum: two(
    [0, 1],
    (g, a, b) => mul(g, winnerShare(b, a)),
    (g, a, b) => mul(g, winnerShare(a, b)),
  ),

  compare: 'zero',
  select: {
    uses: [0],
    pull: (g, { inputs, wants }) => {
      const [condition, a, b] = inputs as [Tensor, Tensor, Tensor];
      return [
        null,
        wants[1] ? sumTo(select(condition, g, 0), a.shape) : null,
        wants[2] ? sumTo(select(condition, 0, g), b.shape) : null,
      ];
    },
  },

  matmul: { uses: [0, 1], pull: matmulCotangents },
  sum: {
    uses: [],
    pull: (g, { inputs: [x], attributes }) => [stretch(g, x as Tensor, attributes.axes)],
  },
  max: {
    uses: [0, 'output'],
    pull: (g, { inputs: [x], output, attributes: { axes } }) => {
      const winners = cast(equal(x as Tensor, stretch(output, x as Tensor, axes)), g.dtype);
      return [mul(winners, stretch(div(g, sum(winners, { axes })), x as Tensor, axes))];
    },
  },

  reshape: through((g, x) => reshape(g, x.shape)),
  transpose: {
    uses: [],
    pull: (g, { attributes: { permutation } }) => [
      transpose(
        g,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
    ],
  },
  broadcast: through((g, x) => sumTo(g, x.shape)),
  slice: {
    uses: [],
    pull: (g, { inputs: [x], attributes: { begin, size } }) => {
      const widths = (x as Tensor).shape.map((length, axis): [before: number, after: number] => {
        const before = begin[axis] as number;
        return [before, length - before - (size[axis] as number)];
      });
      return [pad(g, widths)];
    },
  },
  concat: {
    uses: [],
    pull: (g, { inputs, attributes: { axis } }) => {
      let from = 0;
      return inputs.map((x) => {
        const begin = x.shape.map((_, index) => (index === axis ? from : 0));
        from += x.shape[axis] as number;
        return slice(g, begin, x.shape);
      });
    },
  },
  flip: { uses: [], pull: (g, { attributes: { axes } }) => [flip(g, axes)] },
  gather: {
    uses: [1],
    pull: (g, { inputs }) => {
      const [x, indices] = inputs as [Tensor, Tensor];
      return [scatterAdd(indices, g, x.shape[0] as number), null];
    },
  },
  scatterAdd: {
    uses: [0],
    pull: (g, { inputs: [indices] }) => [null, gatherInside(g, indices as Tensor)],
  },
  cast: through((g, x) => cast(g, x.dtype)),
};

/** The reduced axes of `reduced` put back and stretched to the shape of `x`. */
function stretch(reduced: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  const shape = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return broadcastTo(reshape(reduced, shape), x.shape);
}
