import * as tg from '@tempograd/core';
import { gateCount, recurrentCells, type RecurrentCell } from '@tempograd/core/backend';
import type { Builder } from './Builder.js';
import { constant, minus, plus, scaled, sigmoid, tanh, times, type Hyper } from './Hyper.js';
import { at, type HyperArray } from './HyperArray.js';

type Row = readonly Hyper[];
type Margin = (distance: number) => void;

const gate = (row: Row, number: number, hidden: number): Row => row.slice(number * hidden, (number + 1) * hidden);
const zipRows = (fn: (...xs: Hyper[]) => Hyper, ...rows: Row[]): Row =>
  (rows[0] as Row).map((_, index) => fn(...rows.map((row) => row[index] as Hyper)));

/** One step of a row of a standard cell: `x` is W x + b, `u` is U h + d, each of all gates. */
export function gateStep(cell: RecurrentCell, x: Row, u: Row, carry: readonly Row[], margin: Margin): Row[] {
  const [h, c] = carry as [Row, Row];
  const n = h.length;
  const sum = (number: number): Row => zipRows(plus, gate(x, number, n), gate(u, number, n));
  if (cell === 'rnnTanh') return [sum(0).map(tanh)];
  if (cell === 'rnnRelu') {
    return [
      sum(0).map((y) => {
        margin(Math.abs(y.v));
        return y.v > 0 ? y : constant(0);
      }),
    ];
  }
  if (cell === 'gru') {
    const [r, z] = [sum(0).map(sigmoid), sum(1).map(sigmoid)];
    const candidate = zipRows((a, reset, b) => tanh(plus(a, times(reset, b))), gate(x, 2, n), r, gate(u, 2, n));
    return [zipRows((update, fresh, old) => plus(fresh, times(update, minus(old, fresh))), z, candidate, h)];
  }
  const [i, f, g, o] = [sum(0).map(sigmoid), sum(1).map(sigmoid), sum(2).map(tanh), sum(3).map(sigmoid)];
  const state = zipRows((forget, old, into, fresh) => plus(times(forget, old), times(into, fresh)), f, c, i, g);
  return [zipRows((out, s) => times(out, tanh(s)), o, state), state];
}

/** `W x + b` of one row. */
export function affine(weight: HyperArray, x: Row, bias: HyperArray | null): Row {
  return Array.from({ length: weight.shape[0] as number }, (_, row) => {
    let sum = bias === null ? constant(0) : at(bias, [row]);
    x.forEach((element, column) => {
      sum = plus(sum, times(at(weight, [row, column]), element));
    });
    return sum;
  });
}

/** Steps and places of a batch that are run, in order; the mask says which count. */
export function runRows(
  { time, batch, reverse, mask }: { time: number; batch: number; reverse: boolean; mask: readonly number[] | null },
  start: readonly HyperArray[],
  step: (t: number, row: number, carry: readonly Row[]) => Row[],
): HyperArray {
  const width = (start[0] as HyperArray).shape[1] as number;
  const output = new Array<Row>(time * batch);
  const last: Row[][] = [];
  for (let row = 0; row < batch; row++) {
    let carry: readonly Row[] = start.map((x) => Array.from({ length: width }, (_, index) => at(x, [row, index])));
    for (let turn = 0; turn < time; turn++) {
      const t = reverse ? time - 1 - turn : turn;
      const counts = mask === null || mask[t * batch + row] !== 0;
      if (counts) carry = step(t, row, carry);
      output[t * batch + row] = counts ? (carry[0] as Row) : new Array<Hyper>(width).fill(constant(0));
    }
    last.push([...carry]);
  }
  const carries = start.flatMap((_, state) => last.flatMap((rows) => rows[state] as Row));
  const values = [...output.flat(), ...carries];
  return { shape: [values.length], values };
}

const endToEnd = (xs: readonly tg.Tensor[]): tg.Tensor => tg.concat(xs.map((x) => tg.reshape(x, [x.size])));

const i32 = (like: tg.Tensor, values: readonly number[], shape: number[]): tg.Tensor =>
  tg.fromArray(Int32Array.from(values), shape, { dtype: 'i32', backend: like.backend });

/** A segment of a standard cell: its outputs and its last carry, end to end. */
function recurrentStep(builder: Builder): void {
  const { random } = builder;
  const cell = random.pick(recurrentCells);
  const [time, batch, inputs, hidden] = [
    random.whole(1, 5),
    random.whole(1, 3),
    random.whole(1, 4),
    random.whole(1, 3),
  ];
  const rows = gateCount[cell] * hidden;
  const states = cell === 'lstm' ? 2 : 1;
  const reverse = random.next() < 0.5;
  const mask = random.next() < 0.5 ? Array.from({ length: time * batch }, () => Number(random.next() < 0.7)) : null;
  const numbers = random.next() < 0.3 ? Array.from({ length: time * batch }, () => random.whole(0, inputs)) : null;
  const small = (shape: number[]): number =>
    builder.push({
      name: 'mul 0.5',
      args: [builder.fitted(shape)],
      apply: (x) => tg.mul(x, 0.5),
      form: ([x]) => ({ ...x!, values: x!.values.map((y) => scaled(y, 0.5)) }),
    });
  const carry = Array.from({ length: states }, () => builder.fitted([batch, hidden]));
  const weightIh = small(numbers === null ? [rows, inputs] : [inputs, rows]);
  const weights = [weightIh, small([rows, hidden]), small([rows]), small([rows])];
  const input = numbers === null ? [builder.fitted([time, batch, inputs])] : [];
  builder.push({
    name: `recurrent ${cell}${reverse ? ', reverse' : ''}${mask ? `, mask [${String(mask)}] of ${batch}` : ''}${numbers ? `, rows [${String(numbers)}]` : ''}`,
    args: [...weights, ...carry, ...input],
    apply: (ih, hh, bi, bh, ...rest) => {
      const { output, carry: after } = tg.recurrent({
        cell,
        reverse,
        input: numbers === null ? rest[states]! : i32(ih, numbers, [time, batch]),
        carry: rest.slice(0, states),
        weightIh: ih,
        weightHh: hh,
        biasIh: bi,
        biasHh: bh,
        mask: mask && i32(ih, mask, [time, batch]),
      });
      return endToEnd([output, ...after]);
    },
    form: ([ih, hh, bi, bh, ...rest], margin) =>
      runRows({ time, batch, reverse, mask }, rest.slice(0, states), (t, row, former) => {
        const x =
          numbers === null
            ? affine(
                ih!,
                Array.from({ length: inputs }, (_, index) => at(rest[states]!, [t, row, index])),
                bi!,
              )
            : Array.from({ length: rows }, (_, index) =>
                plus(at(ih!, [numbers[t * batch + row]!, index]), at(bi!, [index])),
              );
        return gateStep(cell, x, affine(hh!, former[0]!, bh!), former, margin);
      }),
  });
}

interface OwnParams {
  readonly a: tg.Tensor;
  readonly u: tg.Tensor;
}

/** A cell of somebody's own, that looks at the time: `h' = tanh(a⊙h + U x + t/8)`. */
const ownCell: tg.Cell<OwnParams, tg.Tensor> = {
  initialCarry: (batch, options) => tg.zeros([batch, 1], options),
  step({ a, u }, h, x, { time }) {
    const next = tg.tanh(tg.add(tg.add(tg.mul(h, a), tg.linear(x, u)), time / 8));
    return { carry: next, output: next };
  },
};

/** The same without the time, so that a backend may compile it. */
const timelessCell: typeof ownCell = {
  ...ownCell,
  step: (params, h, x, context) => ownCell.step(params, h, x, { ...context, time: 0 }),
};

function ownCellStep(builder: Builder): void {
  const { random } = builder;
  const [time, batch, inputs, hidden] = [
    random.whole(1, 5),
    random.whole(1, 3),
    random.whole(1, 4),
    random.whole(1, 3),
  ];
  const timeless = random.next() < 0.5;
  const reverse = random.next() < 0.3;
  const mask = random.next() < 0.5 ? Array.from({ length: time * batch }, () => Number(random.next() < 0.7)) : null;
  builder.push({
    name: `scan of a cell${timeless ? '' : ' that looks at the time'}${reverse ? ', reverse' : ''}${mask ? `, mask [${String(mask)}] of ${batch}` : ''}`,
    args: [
      builder.fitted([hidden]),
      builder.fitted([hidden, inputs]),
      builder.fitted([batch, hidden]),
      builder.fitted([time, batch, inputs]),
    ],
    apply: (a, u, h, x) => {
      const options = { reverse, mask: mask && i32(a, mask, [time, batch]) };
      const { carry, output } = tg.scan(timeless ? timelessCell : ownCell, { a, u }, h, x, options);
      return endToEnd([output, carry]);
    },
    form: ([a, u, h, x]) =>
      runRows({ time, batch, reverse, mask }, [h!], (t, row, [former]) => {
        const fromInput = affine(
          u!,
          Array.from({ length: inputs }, (_, index) => at(x!, [t, row, index])),
          null,
        );
        const shift = constant(timeless ? 0 : t / 8);
        return [
          zipRows(
            (old, factor, given) => tanh(plus(plus(times(old, factor), given), shift)),
            former!,
            a!.values,
            fromInput,
          ),
        ];
      }),
  });
}

/** Ops that run over time. */
export const recurrenceMakers: readonly ((builder: Builder) => void)[] = [recurrentStep, recurrentStep, ownCellStep];
