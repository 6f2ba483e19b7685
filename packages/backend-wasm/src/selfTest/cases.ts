// Work that reaches every kernel in the shapes at which it takes another path: whole tiles and fringes, one row and one column,
// sums of several blocks, nothing to sum.

import { binaryOps, compareOps, recurrentCells, gateCount, unaryOps } from '@tempograd/core/backend';
import type { Operand, RecurrentCell } from '@tempograd/core/backend';
import type { Handle } from '../memory/Storage.js';
import type { Bench } from './Bench.js';

type X = Operand<Handle>;
type Case = (bench: Bench) => void;

/** Kernels that are tested together. */
export type Family =
  'products' | 'farRows' | 'elements' | 'reductions' | 'rows' | 'norms' | 'optimisers' | 'recurrence';

/** m, n and k of products: tiles and fringes, single rows and columns, outer products, blocks of k, and nothing. */
const productSizes = [
  [5, 35, 7],
  [17, 19, 261],
  [22, 48, 12],
  [8, 16, 64],
  [70, 3, 9],
  [1, 37, 20],
  [1, 133, 33],
  [1, 5, 1030],
  [37, 1, 20],
  [6, 21, 1],
  [3, 5, 0],
] as const;

/** T, B, I and H of segments. */
const segments = [
  [1, 1, 3, 5],
  [3, 2, 6, 19],
  [2, 9, 17, 8],
  [2, 1, 6, 22],
  [1, 12, 5, 16],
] as const;
/** The same of one stream that is long enough for weights to be packed, and wide enough for sums of several blocks. */
const stream = [16, 1, 5, 68] as const;

/** What is run, by the name of what it reaches; none needs another before it. */
export const cases: Readonly<Record<Family, Case>> = {
  products,
  farRows,
  elements,
  reductions,
  rows,
  norms,
  optimisers,
  recurrence,
};

function products(bench: Bench): void {
  const { ops } = bench;
  for (const [m, n, k] of productSizes) {
    for (const [transposeA, transposeB] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      const a = transposeA ? bench.floats(k, m) : bench.floats(m, k);
      const b = transposeB ? bench.floats(n, k) : bench.floats(k, n);
      bench.noteShaped(ops.matmul(a, b, transposeA, transposeB), [m, n]);
    }
    const [x, weight, cotangent] = [bench.floats(m, k), bench.floats(n, k), bench.floats(m, n)];
    bench.noteShaped(ops.linearForward(x, weight, bench.floats(n)), [m, n]);
    const back = ops.linearBackward(x, weight, cotangent, { x: true, weight: true, bias: true });
    bench.noteShaped(back.x as Handle, [m, k]);
    bench.noteShaped(back.weight as Handle, [n, k]);
    bench.noteShaped(back.bias as Handle, [n]);
  }
}

/** A single row by a matrix whose rows lie far apart. */
function farRows(bench: Bench): void {
  const { ops } = bench;
  const [k, n] = [67, 2051];
  const matrix = bench.tensor(ops.broadcast(bench.floats(1, n), [k, n]), [k, n]);
  bench.noteShaped(ops.matmul(bench.floats(1, k), matrix, false, false), [1, n]);
}

function elements(bench: Bench): void {
  const { ops } = bench;
  const length = 67;
  const [x, y, row] = [bench.edges(length), bench.edges(length, 2), bench.floats(9)];
  const [i, j] = [bench.integers(5, length), bench.integers(5, length)];
  const [table, column] = [bench.floats(7, 9), bench.floats(7, 1)];
  for (const op of unaryOps) {
    bench.noteShaped(ops.unary(op, x), [length]);
    bench.noteShaped(ops.unary(op, table), [7, 9]);
  }
  for (const op of ['neg', 'abs', 'sign', 'relu'] as const) bench.noteShaped(ops.unary(op, i), [length], 'i32');
  for (const op of binaryOps) {
    bench.noteShaped(ops.binary(op, x, y), [length]);
    bench.noteShaped(ops.binary(op, x, 1.5), [length]);
    bench.noteShaped(ops.binary(op, table, row), [7, 9]);
    bench.noteShaped(ops.binary(op, column, table), [7, 9]);
    if (op !== 'div' && op !== 'pow') bench.noteShaped(ops.binary(op, i, j), [length], 'i32');
  }
  for (const op of compareOps) {
    bench.noteShaped(ops.compare(op, x, y), [length], 'i32');
    bench.noteShaped(ops.compare(op, i, j), [length], 'i32');
  }
  bench.noteShaped(ops.select(i, x, y), [length]);
  bench.noteShaped(ops.select(i, 0, y), [length]);
  bench.noteShaped(ops.cast(x, 'i32'), [length], 'i32');
  bench.noteShaped(ops.cast(i, 'f32'), [length]);
  bench.noteShaped(ops.fill([21], 0.75, 'f32'), [21]);
  bench.noteShaped(ops.transpose(table, [1, 0]), [9, 7]);
  bench.noteShaped(ops.transpose(bench.floats(3, 5, 4), [2, 1, 0]), [4, 5, 3]);
  bench.noteShaped(ops.concat([table, bench.floats(7, 5)], 1), [7, 14]);
  bench.noteShaped(ops.randomUniform([33], 'f32', [7, 9], 3), [33]);
}

function reductions(bench: Bench): void {
  const { ops } = bench;
  const [x, i] = [bench.floats(19, 35), bench.integers(9, 19, 35)];
  for (const op of ['sum', 'max'] as const) {
    bench.noteShaped(ops[op](x, [1]), [19]);
    bench.noteShaped(ops[op](x, [0]), [35]);
    bench.noteShaped(ops[op](i, [1]), [19], 'i32');
    bench.noteShaped(ops[op](i, [0]), [35], 'i32');
  }
  bench.noteShaped(ops.sum(bench.floats(3001), [0]), []);
  bench.noteShaped(ops.max(bench.edges(67), [0]), []);
  bench.noteShaped(ops.sum(bench.floats(0, 3), [0]), [3]);
  bench.noteShaped(ops.globalNorm([x, bench.floats(1027)]), []);
}

function rows(bench: Bench): void {
  const { ops } = bench;
  const indices = bench.integers(9, 21);
  bench.noteShaped(ops.gather(bench.floats(8, 11), indices), [21, 11]);
  bench.noteShaped(ops.scatterAdd(indices, bench.floats(21, 11), 8), [8, 11]);
  bench.noteShaped(ops.scatterAdd(indices, bench.integers(5, 21, 3), 8), [8, 3], 'i32');
  const [a, b, h0, cotangent] = [bench.floats(5, 23), bench.floats(5, 23), bench.floats(23), bench.floats(5, 23)];
  const h = bench.tensor(ops.linearScanForward(a, b, h0), [5, 23]);
  const back = ops.linearScanBackward(a, h, h0, cotangent);
  bench.note(h, bench.tensor(back.a, [5, 23]), bench.tensor(back.b, [5, 23]), bench.tensor(back.h0, [23]));
}

function norms(bench: Bench): void {
  const { ops } = bench;
  const { loss, gradient } = ops.softmaxCrossEntropy(bench.floats(9, 27), bench.integers(28, 9), 0.1, true);
  bench.noteShaped(loss, [9]);
  bench.noteShaped(gradient as Handle, [9, 27]);
  const [x, weight, bias] = [bench.floats(13, 21), bench.floats(21), bench.floats(21)];
  const forward = ops.layerNormForward(x, weight, bias, 1e-5);
  const [mean, rstd] = [bench.tensor(forward.mean, [13]), bench.tensor(forward.rstd, [13])];
  bench.note(bench.tensor(forward.output, [13, 21]), mean, rstd);
  const back = ops.layerNormBackward(x, weight, mean, rstd, bench.floats(13, 21));
  bench.noteShaped(back.x, [13, 21]);
  bench.noteShaped(back.weight, [21]);
  bench.noteShaped(back.bias, [21]);
}

function optimisers(bench: Bench): void {
  const { ops } = bench;
  const make = (): X => bench.floats(29);
  const [adam, sgd, rmsprop] = [[make(), make()], [make()], [make(), make(), make()]] as const;
  const square = (x: X): X => bench.tensor(ops.binary('mul', x, x), [29]);
  const [moment2, maxMoment2, mean2] = [square(adam[1]), square(adam[1]), square(rmsprop[1])];
  const parameters = [make(), make(), make()] as const;
  // At every sixteenth step moments too small to be normal are settled.
  for (const step of [1, 16]) {
    const controls = { learningRate: 0.01, step, scale: 0.5, guard: null };
    const gradient = make();
    const adamSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, decoupled: step === 1 };
    const adamMoments = { moment1: adam[0], moment2, maxMoment2 };
    ops.adamSteps([{ parameter: parameters[0], gradient, moments: adamMoments, settings: adamSettings }], controls);
    const sgdSettings = { momentum: 0.9, nesterov: step === 1, weightDecay: 0.01 };
    const sgdMoments = { velocity: sgd[0] };
    ops.sgdSteps([{ parameter: parameters[1], gradient, moments: sgdMoments, settings: sgdSettings }], controls);
    const settings = { alpha: 0.9, epsilon: 1e-8, momentum: 0.9, weightDecay: 0.01 };
    const moments = { square: mean2, velocity: rmsprop[0], mean: rmsprop[2] };
    ops.rmspropSteps([{ parameter: parameters[2], gradient, moments, settings }], controls);
    bench.note(...parameters, ...adam, moment2, maxMoment2, ...sgd, mean2, rmsprop[0], rmsprop[2]);
  }
}

function recurrence(bench: Bench): void {
  for (const cell of recurrentCells) {
    segments.forEach((sizes, i) =>
      segment(bench, cell, sizes, { accumulates: i === 0, reverse: i === 1, masked: i === 2 }),
    );
    segment(bench, cell, segments[2], { table: true });
  }
  segment(bench, 'lstm', stream, {});
}

/** A segment forward and backward; its input are numbers or, with `table`, numbers of rows. */
function segment(
  bench: Bench,
  cell: RecurrentCell,
  [time, batch, inputs, hidden]: readonly [number, number, number, number],
  { accumulates = false, masked = false, reverse = false, table = false },
): void {
  const columns = gateCount[cell] * hidden;
  const makeWeights = () => ({
    weightIh: table ? bench.floats(inputs, columns) : bench.floats(columns, inputs),
    weightHh: bench.floats(columns, hidden),
    biasIh: bench.floats(columns),
    biasHh: bench.floats(columns),
  });
  const args = {
    cell,
    reverse,
    input: table ? bench.integers(inputs, time, batch) : bench.floats(time, batch, inputs),
    carry: Array.from({ length: cell === 'lstm' ? 2 : 1 }, () => bench.floats(batch, hidden)),
    ...makeWeights(),
    mask: masked ? bench.integers(2, time, batch) : null,
  };
  const forward = bench.ops.recurrentForward(args, true);
  bench.note(forward.output, ...forward.carry);
  const into = accumulates ? makeWeights() : null;
  const backward = bench.ops.recurrentBackward({
    ...args,
    saved: forward.saved ?? [],
    outputCotangent: bench.floats(time, batch, hidden),
    carryCotangents: args.carry.map(() => bench.floats(batch, hidden)),
    wants: { input: !table, carry: true, weights: true, delta: true },
    into,
  });
  const { input, carry, delta } = backward;
  const { weightIh, weightHh, biasIh, biasHh } = into ?? backward;
  bench.note(input, ...(carry ?? []), weightIh, weightHh, biasIh, biasHh, delta);
}
