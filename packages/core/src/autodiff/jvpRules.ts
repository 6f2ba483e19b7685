import {
  add,
  broadcastTo,
  cast,
  concat,
  cos,
  div,
  equal,
  flip,
  less,
  matmul,
  mul,
  neg,
  reshape,
  scatterAdd,
  select,
  sign,
  sin,
  slice,
  sub,
  sum,
  transpose,
  zerosLike,
} from '../tensor/ops/index.js';
import type { Attributes, Primitive } from '../tensor/primitive.js';
import type { Tensor } from '../tensor/Tensor.js';
import { gatherInside, powByBase, powByExponent, winnerShare } from './derivatives.js';
import type { ZeroRule } from './vjpRules.js';

/** What a rule is given: inputs, their tangents (null for zero; at least one is not), and the output. */
export interface JvpContext<A> {
  readonly inputs: readonly Tensor[];
  readonly tangents: readonly (Tensor | null)[];
  readonly output: Tensor;
  readonly attributes: A;
}

/** How to push tangents of the inputs forward to the tangent of the output. */
export type JvpRule<A> = (context: JvpContext<A>) => Tensor;

const one =
  (derivative: (t: Tensor, x: Tensor, y: Tensor) => Tensor): JvpRule<null> =>
  ({ inputs: [x], tangents: [t], output }) =>
    derivative(t as Tensor, x as Tensor, output);

/** A sum of one term for each input with a tangent, stretched to the output's shape. */
const two =
  (
    left: (t: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor,
    right: (t: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor,
  ): JvpRule<null> =>
  ({ inputs, tangents: [ta, tb], output }) => {
    const [a, b] = inputs as [Tensor, Tensor];
    const terms = [...(ta ? [left(ta, a, b, output)] : []), ...(tb ? [right(tb, a, b, output)] : [])];
    return broadcastTo(total(terms), output.shape);
  };

/** A linear function of its first input: it does to the tangent what it does to the value. */
const linear =
  <A>(apply: (t: Tensor, attributes: A) => Tensor): JvpRule<A> =>
  ({ tangents: [t], attributes }) =>
    apply(t as Tensor, attributes);

const total = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b));

/** A rule for every primitive: one that is missing is a type error. */
export type JvpRules = { readonly [P in Primitive]: JvpRule<Attributes[P]> | ZeroRule };

/** One line a primitive: y = f(x…), t = the tangent of x. */
export const jvpRules: JvpRules = {
  neg: one((t) => neg(t)),
  abs: one((t, x) => mul(t, sign(x))),
  sign: 'zero',
  floor: 'zero',
  exp: one((t, _x, y) => mul(t, y)),
  log: one((t, x) => div(t, x)),
  log1p: one((t, x) => div(t, add(x, 1))),
  sqrt: one((t, _x, y) => div(mul(t, 0.5), y)),
  sin: one((t, x) => mul(t, cos(x))),
  cos: one((t, x) => neg(mul(t, sin(x)))),
  tanh: one((t, _x, y) => mul(t, sub(1, mul(y, y)))),
  sigmoid: one((t, _x, y) => mul(t, mul(y, sub(1, y)))),
  relu: one((t, _x, y) => select(less(0, y), t, 0)),

  add: two(
    (t) => t,
    (t) => t,
  ),
  sub: two(
    (t) => t,
    (t) => neg(t),
  ),
  mul: two(
    (t, _a, b) => mul(t, b),
    (t, a) => mul(t, a),
  ),
  div: two(
    (t, _a, b) => div(t, b),
    (t, a, b) => neg(div(mul(t, a), mul(b, b))),
  ),
  pow: two(
    (t, a, b) => mul(t, powByBase(a, b)),
    (t, a, _b, y) => mul(t, powByExponent(a, y)),
  ),
  maximum: two(
    (t, a, b) => mul(t, winnerShare(a, b)),
    (t, a, b) => mul(t, winnerShare(b, a)),
  ),
  minimum: two(
    (t, a, b) => mul(t, winnerShare(b, a)),
    (t, a, b) => mul(t, winnerShare(a, b)),
  ),

  compare: 'zero',
  select: ({ inputs, tangents: [, ta, tb], output }) =>
    broadcastTo(select(inputs[0] as Tensor, ta ?? 0, tb ?? 0), output.shape),

  matmul: ({ inputs, tangents: [ta, tb], attributes }) =>
    total([
      ...(ta ? [matmul(ta, inputs[1] as Tensor, attributes)] : []),
      ...(tb ? [matmul(inputs[0] as Tensor, tb, attributes)] : []),
    ]),
  sum: linear((t, { axes }) => sum(t, { axes })),
  max: ({ inputs: [x], tangents: [t], output, attributes: { axes } }) => {
    const kept = (x as Tensor).shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    const winners = cast(equal(x as Tensor, reshape(output, kept)), output.dtype);
    return div(sum(mul(winners, t as Tensor), { axes }), sum(winners, { axes }));
  },

  reshape: linear((t, { shape }) => reshape(t, shape)),
  transpose: linear((t, { permutation }) => transpose(t, permutation)),
  broadcast: linear((t, { shape }) => broadcastTo(t, shape)),
  slice: linear((t, { begin, size }) => slice(t, begin, size)),
  concat: ({ inputs, tangents, attributes: { axis } }) =>
    concat(
      inputs.map((x, index) => tangents[index] ?? zerosLike(x)),
      axis,
    ),
  flip: linear((t, { axes }) => flip(t, axes)),
  gather: ({ inputs, tangents: [t] }) => gatherInside(t as Tensor, inputs[1] as Tensor),
  scatterAdd: ({ inputs, tangents: [, t], attributes: { rows } }) => scatterAdd(inputs[0] as Tensor, t as Tensor, rows),
  cast: linear((t, { dtype }) => cast(t, dtype)),
};
