import type { Shape } from '../backend/index.js';
import {
  abs,
  add,
  broadcastTo,
  cast,
  concat,
  cos,
  div,
  equal,
  exp,
  flip,
  floor,
  gather,
  less,
  lessEqual,
  log,
  log1p,
  max,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  relu,
  reshape,
  scatterAdd,
  select,
  sigmoid,
  sign,
  sin,
  slice,
  sqrt,
  sub,
  sum,
  tanh,
  transpose,
} from '../tensor/ops/index.js';
import type { Attributes, Primitive } from '../tensor/primitive.js';
import type { Tensor } from '../tensor/Tensor.js';
import { batchMatmul } from './batchMatmul.js';
import { alignRank, stretched } from './batchAxis.js';
import { blockIndices } from './blockIndices.js';

/** What a rule is given; at least one input is batched. */
export interface BatchContext<A> {
  /** The inputs; those that are batched have the batch axis in front. */
  readonly inputs: readonly Tensor[];
  readonly batched: readonly boolean[];
  readonly attributes: A;
  /** Length of the batch axis. */
  readonly size: number;
  /** Shape of the output without the batch axis. */
  readonly shape: Shape;
}

/** How to do an op for every row of a batch at once: the output has the batch axis in front. */
export type BatchRule<A> = (context: BatchContext<A>) => Tensor;

/** An op that broadcasts: unbatched operands stretch over the batch, batched ones keep their axis before all others. */
const elementwise =
  (apply: (...operands: Tensor[]) => Tensor): BatchRule<unknown> =>
  ({ inputs, batched, shape }) =>
    apply(...inputs.map((x, index) => (batched[index] ? alignRank(x, shape.length) : x)));

/** An op of one tensor, with what it names by axis moved behind the batch axis. */
const one =
  <A>(apply: (x: Tensor, attributes: A, size: number) => Tensor): BatchRule<A> =>
  ({ inputs: [x], attributes, size }) =>
    apply(x as Tensor, attributes, size);

const behind = (axes: readonly number[]): number[] => axes.map((axis) => axis + 1);

const comparisons = { equal, less, lessEqual };

/** A rule for every primitive: one that is missing is a type error. */
export type BatchRules = { readonly [P in Primitive]: BatchRule<Attributes[P]> };

/** One line a primitive. */
export const batchRules: BatchRules = {
  neg: elementwise(neg),
  abs: elementwise(abs),
  sign: elementwise(sign),
  floor: elementwise(floor),
  exp: elementwise(exp),
  log: elementwise(log),
  log1p: elementwise(log1p),
  sqrt: elementwise(sqrt),
  sin: elementwise(sin),
  cos: elementwise(cos),
  tanh: elementwise(tanh),
  sigmoid: elementwise(sigmoid),
  relu: elementwise(relu),

  add: elementwise(add),
  sub: elementwise(sub),
  mul: elementwise(mul),
  div: elementwise(div),
  pow: elementwise(pow),
  maximum: elementwise(maximum),
  minimum: elementwise(minimum),

  compare: (context) => elementwise(comparisons[context.attributes.op])(context),
  select: elementwise(select),

  matmul: batchMatmul,
  sum: one((x, { axes }) => sum(x, { axes: behind(axes) })),
  max: one((x, { axes }) => max(x, { axes: behind(axes) })),

  reshape: one((x, { shape }, size) => reshape(x, [size, ...shape])),
  transpose: one((x, { permutation }) => transpose(x, [0, ...behind(permutation)])),
  broadcast: one((x, { shape }, size) => broadcastTo(alignRank(x, shape.length), [size, ...shape])),
  slice: one((x, { begin, size: box }, size) => slice(x, [0, ...begin], [size, ...box])),
  concat: ({ inputs, batched, attributes: { axis }, size }) =>
    concat(
      inputs.map((x, index) => (batched[index] ? x : stretched(x, size))),
      axis + 1,
    ),
  flip: one((x, { axes }) => flip(x, behind(axes))),
  gather: ({ inputs, batched, size }) => {
    const [x, indices] = inputs as [Tensor, Tensor];
    if (!batched[0]) return gather(x, indices);
    const [rows, ...rest] = x.shape.slice(1) as [number, ...number[]];
    const blocks = reshape(x, [size * rows, ...rest]);
    return gather(blocks, blockIndices(indices, batched[1] === true, size, rows));
  },
  scatterAdd: ({ inputs, batched, attributes: { rows }, size, shape }) => {
    const [indices, updates] = inputs as [Tensor, Tensor];
    const into = blockIndices(indices, batched[0] === true, size, rows);
    return reshape(scatterAdd(into, batched[1] ? updates : stretched(updates, size), size * rows), [size, ...shape]);
  },
  cast: one((x, { dtype }) => cast(x, dtype)),
};
