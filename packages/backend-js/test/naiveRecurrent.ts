import { gateCount, type RecurrentCell } from '@tempograd/core/backend';
import { numbers } from './helpers.js';
import { Scalar, total } from './scalar.js';

/** One recurrent problem: sizes, and the flat values of everything that goes in. */
export interface Problem {
  readonly cell: RecurrentCell;
  readonly steps: number;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly reverse: boolean;
  readonly bias: boolean;
  readonly mask: readonly number[] | null;
}

/** Names of the differentiable inputs, and of their gradients. */
export type Part = 'input' | 'h0' | 'c0' | 'weightIh' | 'weightHh' | 'biasIh' | 'biasHh';
export type Values = Record<Part, Float64Array>;

export function sizesOf({ cell, steps, batch, inputs, hidden, bias }: Problem): Record<Part, number> {
  const width = gateCount[cell] * hidden;
  return {
    input: steps * batch * inputs,
    h0: batch * hidden,
    c0: cell === 'lstm' ? batch * hidden : 0,
    weightIh: width * inputs,
    weightHh: width * hidden,
    biasIh: bias ? width : 0,
    biasHh: bias ? width : 0,
  };
}

/** Asymmetric random values, the initial carry and both biases included. */
export function valuesFor(problem: Problem): Values {
  const entries = Object.entries(sizesOf(problem)).map(([part, size], seed) => [part, numbers(size, seed + 11)]);
  return Object.fromEntries(entries) as Values;
}

export interface NaiveResult {
  readonly output: Scalar[];
  readonly states: Scalar[];
  readonly finals: Scalar[][];
  readonly leaves: Record<Part, Scalar[]>;
}

/** The cell's equations, step by step, row by row, unit by unit. */
export function naiveRecurrent(problem: Problem, values: Values): NaiveResult {
  const { steps, batch, inputs, hidden, reverse, mask } = problem;
  const leaves = Object.fromEntries(
    Object.entries(values).map(([part, xs]) => [part, Array.from(xs, (x) => new Scalar(x))]),
  ) as Record<Part, Scalar[]>;
  const output = new Array<Scalar>(steps * batch * hidden);
  const states = new Array<Scalar>(steps * batch * hidden);
  const finals: Scalar[][] = [[], []];
  for (let b = 0; b < batch; b++) {
    let h = leaves.h0.slice(b * hidden, (b + 1) * hidden);
    let c = leaves.c0.slice(b * hidden, (b + 1) * hidden);
    for (let n = 0; n < steps; n++) {
      const t = reverse ? steps - 1 - n : n;
      const row = t * batch + b;
      const runs = mask === null || mask[row] !== 0;
      if (runs) [h, c] = step(problem, leaves, leaves.input.slice(row * inputs, (row + 1) * inputs), h, c);
      h = h.map((x) => x.copy());
      for (let j = 0; j < hidden; j++) {
        states[row * hidden + j] = h[j]!;
        output[row * hidden + j] = runs ? h[j]! : new Scalar(0);
      }
    }
    finals[0]!.push(...h);
    finals[1]!.push(...c);
  }
  return { output, states, finals: problem.cell === 'lstm' ? finals : [finals[0]!], leaves };
}

function step(
  { cell, inputs, hidden }: Problem,
  leaves: Record<Part, Scalar[]>,
  x: Scalar[],
  h: Scalar[],
  c: Scalar[],
): [Scalar[], Scalar[]] {
  const dot = (weights: Scalar[], row: number, xs: Scalar[], bias: Scalar[]): Scalar => {
    const products = xs.map((value, j) => weights[row * xs.length + j]!.times(value));
    return total(bias.length > 0 ? [...products, bias[row]!] : products);
  };
  const fromInput = (row: number) => (inputs === 0 ? new Scalar(0) : dot(leaves.weightIh, row, x, leaves.biasIh));
  const fromState = (row: number) => dot(leaves.weightHh, row, h, leaves.biasHh);
  const both = (row: number) => fromInput(row).plus(fromState(row));
  const units = [...Array(hidden).keys()];
  if (cell === 'rnnTanh') return [units.map((j) => both(j).tanh()), c];
  if (cell === 'rnnRelu') return [units.map((j) => both(j).relu()), c];
  if (cell === 'gru') {
    return [
      units.map((j) => {
        const r = both(j).sigmoid();
        const z = both(hidden + j).sigmoid();
        const n = fromInput(2 * hidden + j).plus(r.times(fromState(2 * hidden + j))).tanh(); // prettier-ignore
        return z.oneMinus().times(n).plus(z.times(h[j]!));
      }),
      c,
    ];
  }
  const cells = units.map((j) => {
    const [i, f, g] = [both(j).sigmoid(), both(hidden + j).sigmoid(), both(2 * hidden + j).tanh()];
    return f.times(c[j]!).plus(i.times(g));
  });
  return [units.map((j) => both(3 * hidden + j).sigmoid().times(cells[j]!.tanh())), cells]; // prettier-ignore
}
