import { sizeOf, type UnaryOp } from '@tempograd/core/backend';
import { make, valuesOf, withOperands, type JsBackend, type JsOperand, type Mutant } from './Mutant.js';

/** A backend with one elementwise function replaced. */
const withUnary =
  (op: UnaryOp, fn: (x: number) => number) =>
  (real: JsBackend): Partial<JsBackend> => ({
    unary: (which, x) =>
      which === op ? make(real, x.shape, x.dtype, (i) => fn(valuesOf(x)[i]!)) : real.unary(which, x),
  });

const isSquare = ({ shape }: JsOperand): boolean => shape.at(-1) === shape.at(-2);

/** Faults in required ops. */
export const opMutants: readonly Mutant[] = [
  {
    name: 'the first transposed flag is ignored where the shape does not tell',
    backend: (real) => ({ matmul: (a, b, tA, tB) => real.matmul(a, b, tA && !isSquare(a), tB) }),
    caughtBy: ['matmul: value, first transposed, square', 'matmul: gradient, square'],
  },
  {
    name: 'the second transposed flag is ignored where the shape does not tell',
    backend: (real) => ({ matmul: (a, b, tA, tB) => real.matmul(a, b, tA, tB && !isSquare(b)) }),
    caughtBy: ['matmul: value, second transposed, square', 'matmul: gradient, square'],
  },
  {
    name: 'a product with an inner length of 0 leaves its result unwritten',
    backend: (real) => ({
      matmul: (a, b, tA, tB) => {
        const result = real.matmul(a, b, tA, tB);
        if (a.shape.at(tA ? -2 : -1) === 0) result.data.fill(NaN);
        return result;
      },
    }),
    caughtBy: ['matmul: value, an inner length of 0'],
  },
  {
    name: 'a product leaves out the last row of an odd number of many',
    backend: (real) => ({
      matmul: (a, b, tA, tB) => {
        const result = real.matmul(a, b, tA, tB);
        const rows = a.shape.at(tA ? -1 : -2)!;
        if (rows > 64 && rows % 2 === 1) result.data.fill(0, result.data.length - b.shape.at(tB ? -2 : -1)!);
        return result;
      },
    }),
    caughtBy: ['matmul: value, large and small in turn'],
  },
  {
    name: 'a pooled buffer is read as if it were zeroed',
    backend: (real) => {
      const leftovers = new Map<number, ArrayLike<number>>();
      return {
        scatterAdd(indices, updates, rows) {
          const result = real.scatterAdd(indices, updates, rows);
          const stale = leftovers.get(result.data.length);
          if (stale !== undefined) result.data.forEach((x, i) => (result.data[i] = x + stale[i]!));
          leftovers.set(result.data.length, result.data.slice());
          return result;
        },
      };
    },
    caughtBy: ['scatterAdd: value', 'gather: gradient'],
  },
  {
    name: 'memory that was given back is handed out with its old numbers, and a sum starts from them',
    backend: (real) => {
      const pool = new Map<number, number[]>();
      return {
        release(handle) {
          pool.set(handle.data.length, [...handle.data]);
          real.release(handle);
        },
        sum(x, axes) {
          const result = real.sum(x, axes);
          const old = pool.get(result.data.length);
          if (old?.some(Number.isNaN)) result.data.forEach((_, i) => (result.data[i] = result.data[i]! + old[i]!));
          return result;
        },
      };
    },
    caughtBy: ['sum: value', 'sum: value, all axes'],
    message: /in memory that held something else/,
  },
  {
    name: 'scatterAdd overwrites where rows repeat',
    backend: (real) => ({
      scatterAdd(indices, updates, rows) {
        const width = sizeOf(updates.shape.slice(indices.shape.length));
        const values = new Float64Array(rows * width);
        valuesOf(indices).forEach((row, n) => {
          if (row >= 0 && row < rows) values.set(valuesOf(updates).subarray(n * width, (n + 1) * width), row * width);
        });
        return make(real, [values.length], updates.dtype, (i) => values[i]!);
      },
    }),
    caughtBy: ['scatterAdd: value, rows repeated', 'gather: gradient, rows repeated'],
  },
  {
    name: 'a row outside is taken from the nearest one inside',
    backend: (real) => ({
      gather(x, indices) {
        const rows = x.shape[0]!;
        const inside = make(real, indices.shape, 'i32', (i) => Math.min(Math.max(valuesOf(indices)[i]!, 0), rows - 1));
        return withOperands(real, [{ ...indices, handle: inside }], () =>
          real.gather(x, { ...indices, handle: inside }),
        );
      },
    }),
    caughtBy: ['gather: value, rows outside'],
  },
  {
    name: 'a maximum passes over NaN',
    backend: (real) => ({
      max(x, axes) {
        const clean = make(real, x.shape, x.dtype, (i) => (Number.isNaN(valuesOf(x)[i]) ? -Infinity : valuesOf(x)[i]!));
        return withOperands(real, [{ ...x, handle: clean }], () => real.max({ ...x, handle: clean }, axes));
      },
    }),
    caughtBy: ['max: value, with NaN and infinity'],
  },
  {
    name: 'maximum of two passes over NaN',
    backend: (real) => ({
      binary(op, a, b) {
        const result = real.binary(op, a, b);
        if (op === 'maximum') result.data.forEach((x, i) => (result.data[i] = Number.isNaN(x) ? 0 : x));
        return result;
      },
    }),
    caughtBy: ['maximum: value, of NaN and infinity'],
  },
  {
    name: 'a number on the left is taken as standing on the right',
    backend: (real) => ({
      binary: (op, a, b) => (typeof a === 'number' && op === 'sub' ? real.binary(op, b, a) : real.binary(op, a, b)),
    }),
    caughtBy: ['sub: value, beside a number'],
  },
  {
    name: 'a number is cut to a whole one',
    backend: (real) => ({
      compare: (op, a, b) => real.compare(op, a, typeof b === 'number' ? Math.trunc(b) : b),
    }),
    caughtBy: ['less: value, beside a number'],
  },
  {
    name: 'a number chosen loses its sign',
    backend: (real) => ({
      select: (condition, a, b) => real.select(condition, a, typeof b === 'number' ? Math.abs(b) : b),
    }),
    caughtBy: ['select: value, of a number'],
  },
  {
    name: 'NaN compares equal to itself',
    backend: (real) => ({
      compare(op, a, b) {
        const result = real.compare(op, a, b);
        if (op === 'equal' && typeof a === 'object' && typeof b === 'object' && a.shape.length === b.shape.length) {
          result.data.forEach(
            (x, i) => (result.data[i] = Number.isNaN(valuesOf(a)[i]) && Number.isNaN(valuesOf(b)[i]) ? 1 : x),
          );
        }
        return result;
      },
    }),
    caughtBy: ['equal: value, of NaN and infinity'],
  },
  {
    name: 'select multiplies by the condition, so that NaN leaks from the branch not taken',
    backend: (real) => ({
      select(condition, a, b) {
        const kept = real.select(condition, a, b);
        const dropped = real.select(condition, b, a);
        kept.data.forEach((x, i) => (kept.data[i] = Number.isFinite(dropped.data[i]) ? x : NaN));
        real.release(dropped);
        return kept;
      },
    }),
    caughtBy: ['select: value, the branch not taken is NaN'],
  },
  {
    name: 'a negation forgets the sign, as in a wrong gradient of a difference',
    backend: withUnary('neg', (x) => x),
    caughtBy: ['neg: value', 'sub: gradient'],
  },
  {
    name: 'a sum runs over the wrong axis',
    backend: (real) => ({
      sum: (x, axes) => real.sum(x, axes.length === 1 && x.shape.length > 1 ? [(axes[0]! + 1) % x.shape.length] : axes),
    }),
    caughtBy: ['sum: value', 'sum: value, the first axis'],
  },
  {
    name: 'a sum takes the first number only, as in a broadcast gradient that is not summed',
    backend: (real) => ({
      sum(x, axes) {
        const size = x.shape.map((n, axis) => (axes.includes(axis) ? Math.min(n, 1) : n));
        const first = {
          handle: real.slice(
            x,
            x.shape.map(() => 0),
            size,
          ),
          shape: size,
          dtype: x.dtype,
        };
        return withOperands(real, [first], () => real.sum(first, axes));
      },
    }),
    caughtBy: ['sum: value', 'add: gradient, broadcast a row to a matrix', 'mul: gradient, broadcast a scalar'],
  },
  {
    name: 'a sum stops after 65536 numbers',
    backend: (real) => ({
      sum(x, axes) {
        const cut = make(real, x.shape, x.dtype, (i) => (i < 65_536 ? valuesOf(x)[i]! : 0));
        return withOperands(real, [{ ...x, handle: cut }], () => real.sum({ ...x, handle: cut }, axes));
      },
    }),
    caughtBy: ['sum: value, large and small in turn'],
  },
  {
    name: 'a slice forgets where it begins, as in a gradient of concat with its offsets swapped',
    backend: (real) => ({
      slice: (x, begin, size) =>
        real.slice(
          x,
          begin.map(() => 0),
          size,
        ),
    }),
    caughtBy: ['slice: value, rows', 'concat: gradient'],
  },
  {
    name: 'concat joins in the opposite order',
    backend: (real) => ({ concat: (xs, axis) => real.concat([...xs].reverse(), axis) }),
    caughtBy: ['concat: value, three along the last axis'],
  },
  {
    name: 'transpose applies the inverse permutation',
    backend: (real) => ({
      transpose: (x, order) =>
        real.transpose(
          x,
          order.map((_, axis) => order.indexOf(axis)),
        ),
    }),
    caughtBy: ['transpose: value, a rotation of three axes'],
  },
  {
    name: 'a cast to whole numbers rounds',
    backend: (real) => ({
      cast: (x, dtype) =>
        dtype === 'i32' ? make(real, x.shape, dtype, (i) => Math.round(valuesOf(x)[i]!)) : real.cast(x, dtype),
    }),
    caughtBy: ['cast: value, float to i32 truncates'],
  },
  {
    name: 'a cast to whole numbers rounds down',
    backend: (real) => ({
      cast: (x, dtype) =>
        dtype === 'i32' ? make(real, x.shape, dtype, (i) => Math.floor(valuesOf(x)[i]!)) : real.cast(x, dtype),
    }),
    caughtBy: ['cast: value, float to i32 truncates'],
  },
  {
    name: 'log1p adds the 1 first',
    backend: withUnary('log1p', (x) => Math.log(Math.fround(1 + x))),
    dtype: 'f32',
    caughtBy: ['log1p: value, near 0'],
  },
  {
    name: 'sigmoid divides two exponentials that overflow',
    backend: withUnary('sigmoid', (x) => Math.fround(Math.exp(x)) / (1 + Math.fround(Math.exp(x)))),
    dtype: 'f32',
    caughtBy: ['sigmoid: value, far from 0'],
  },
  {
    name: 'tanh divides two exponentials that overflow',
    backend: withUnary('tanh', (x) => (Math.fround(Math.exp(2 * x)) - 1) / (Math.fround(Math.exp(2 * x)) + 1)),
    dtype: 'f32',
    caughtBy: ['tanh: value, far from 0'],
  },
  {
    name: 'relu turns NaN into 0',
    backend: withUnary('relu', (x) => (x > 0 ? x : 0)),
    caughtBy: ['relu: value, of NaN and infinity'],
  },
  {
    name: 'a view is read from the start of the buffer that it is part of',
    backend: (real) => ({
      unary(op, x) {
        const whole = new Float64Array(x.handle.data.buffer, 0, x.handle.data.length);
        return x.dtype === 'f64' && op === 'tanh'
          ? make(real, x.shape, x.dtype, (i) => Math.tanh(whole[i]!))
          : real.unary(op, x);
      },
    }),
    caughtBy: ['tanh: value, of views'],
  },
];
