import fc from 'fast-check';
import { binaryOps, unaryOps, type DType, type Shape } from '../../src/backend/index.js';
import * as tg from '../../src/index.js';
import type { Tensor } from '../../src/index.js';
import type { Primitive } from '../../src/tensor/primitive.js';

/** An op with the shapes and dtypes that it is tried on. */
export interface Case {
  readonly inputs: readonly (readonly [shape: Shape, dtype?: DType])[];
  apply(this: void, ...inputs: Tensor[]): Tensor;
}

const shape = (minLength = 0, maxRank = 3): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: minLength, max: 3 }), { maxLength: maxRank });

/** A shape that broadcasts to `target`: some lengths are 1, some leading axes are missing. */
const stretchable = (target: Shape): fc.Arbitrary<number[]> =>
  fc
    .tuple(fc.array(fc.boolean(), { minLength: target.length, maxLength: target.length }), fc.nat(target.length))
    .map(([ones, missing]) => target.map((length, axis) => (ones[axis] ? 1 : length)).slice(missing));

/** `count` shapes that broadcast together, of different ranks. */
const together = (count: number, maxRank = 3): fc.Arbitrary<number[][]> =>
  shape(1, maxRank).chain((target) => fc.tuple(...Array.from({ length: count }, () => stretchable(target))));

const withAxes = (minLength: number): fc.Arbitrary<[shape: number[], axes: number[]]> =>
  shape(minLength).chain((s) => fc.tuple(fc.constant(s), fc.subarray(s.map((_, axis) => axis))));

const unary = (op: (typeof unaryOps)[number]): fc.Arbitrary<Case> =>
  shape().map((s) => ({ inputs: [[s]], apply: tg[op] }));

const binary = (op: (typeof binaryOps)[number]): fc.Arbitrary<Case> =>
  together(2).map(([a, b]) => ({ inputs: [[a!], [b!]], apply: (x, y) => tg[op](x, y) }));

const lengths = fc.integer({ min: 0, max: 3 });

/** Every primitive on many shapes: one that is missing is a type error. */
export const cases: Record<Primitive, fc.Arbitrary<Case>> = {
  ...(Object.fromEntries(unaryOps.map((op) => [op, unary(op)])) as Record<
    (typeof unaryOps)[number],
    fc.Arbitrary<Case>
  >),
  ...(Object.fromEntries(binaryOps.map((op) => [op, binary(op)])) as Record<
    (typeof binaryOps)[number],
    fc.Arbitrary<Case>
  >),
  compare: fc.tuple(together(2), fc.constantFrom(tg.equal, tg.less, tg.lessEqual)).map(([[a, b], op]) => ({
    // Whole numbers, so that some are equal.
    inputs: [
      [a!, 'i32'],
      [b!, 'i32'],
    ],
    apply: (x, y) => op(x, y),
  })),
  select: together(3).map(([c, a, b]) => ({
    inputs: [[c!, 'i32'], [a!], [b!]],
    apply: (x, y, z) => tg.select(x, y, z),
  })),
  matmul: fc
    .record({
      lead: together(2, 2),
      m: lengths,
      k: lengths,
      n: lengths,
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
    })
    .map(({ lead: [leadA, leadB], m, k, n, transposeA, transposeB }) => ({
      inputs: [[[...leadA!, ...(transposeA ? [k, m] : [m, k])]], [[...leadB!, ...(transposeB ? [n, k] : [k, n])]]],
      apply: (a, b) => tg.matmul(a, b, { transposeA, transposeB }),
    })),
  sum: withAxes(0).map(([s, axes]) => ({ inputs: [[s]], apply: (x) => tg.sum(x, { axes }) })),
  max: withAxes(1).map(([s, axes]) => ({ inputs: [[s]], apply: (x) => tg.max(x, { axes }) })),
  reshape: shape()
    .chain((s) => fc.tuple(fc.constant(s), fc.shuffledSubarray([...s, 1, 1], { minLength: s.length + 2 })))
    .map(([s, to]) => ({ inputs: [[s]], apply: (x) => tg.reshape(x, to) })),
  transpose: shape()
    .chain((s) => {
      const axes = s.map((_, axis) => axis);
      return fc.tuple(fc.constant(s), fc.shuffledSubarray(axes, { minLength: axes.length }));
    })
    .map(([s, permutation]) => ({ inputs: [[s]], apply: (x) => tg.transpose(x, permutation) })),
  broadcast: shape()
    .chain((target) => fc.tuple(fc.constant(target), stretchable(target)))
    .map(([target, s]) => ({ inputs: [[s]], apply: (x) => tg.broadcastTo(x, target) })),
  slice: shape()
    .chain((s) => fc.tuple(fc.constant(s), ...s.map((length) => fc.tuple(fc.nat(length), fc.nat(length)))))
    .map(([s, ...ends]) => {
      const begin = ends.map(([p, q]) => Math.min(p, q));
      const size = ends.map(([p, q]) => Math.abs(p - q));
      return { inputs: [[s]], apply: (x) => tg.slice(x, begin, size) };
    }),
  concat: shape(0, 2)
    .chain((s) =>
      fc.record({
        s: fc.constant(s),
        axis: fc.nat(s.length),
        joined: fc.array(lengths, { minLength: 1, maxLength: 3 }),
      }),
    )
    .map(({ s, axis, joined }) => ({
      inputs: joined.map((length): [number[]] => [[...s.slice(0, axis), length, ...s.slice(axis)]]),
      apply: (...xs) => tg.concat(xs, axis),
    })),
  flip: withAxes(0).map(([s, axes]) => ({ inputs: [[s]], apply: (x) => tg.flip(x, axes) })),
  // Indices are −3 to 3: some are outside.
  gather: fc
    .record({ rows: lengths, rest: shape(0, 2), k: shape(0, 2), dtype: fc.constantFrom<DType>('f64', 'i32') })
    .map(({ rows, rest, k, dtype }) => ({
      inputs: [
        [[rows, ...rest], dtype],
        [k, 'i32'],
      ],
      apply: (x, indices) => tg.gather(x, indices),
    })),
  scatterAdd: fc.record({ rows: lengths, rest: shape(0, 2), k: shape(0, 2) }).map(({ rows, rest, k }) => ({
    inputs: [[k, 'i32'], [[...k, ...rest]]],
    apply: (indices, updates) => tg.scatterAdd(indices, updates, rows),
  })),
  cast: fc.tuple(shape(), fc.constantFrom<DType>('f32', 'i32')).map(([s, dtype]) => ({
    inputs: [[s]],
    apply: (x) => tg.cast(x, dtype),
  })),
};
