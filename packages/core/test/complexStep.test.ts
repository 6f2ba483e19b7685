import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import {
  cellTask,
  foldIn,
  gruCell,
  key,
  lstmCell,
  mul,
  normal,
  onesLike,
  rnnCell,
  scope,
  sum,
  treeEntries,
  useBackend,
  vjp,
  type Cell,
  type RecurrentParams,
  type Tensor,
} from '../src/index.js';

useBackend(createBackend());

/** A complex number. Of `f(x + ih)`, for a tiny h, the imaginary part over h is f′(x), with nothing subtracted: as exact as f itself. */
type C = readonly [re: number, im: number];
const h = 1e-100;

const add = (...xs: C[]): C => [xs.reduce((s, [re]) => s + re, 0), xs.reduce((s, [, im]) => s + im, 0)];
const times = ([a, b]: C, [c, d]: C): C => [a * c - b * d, a * d + b * c];
const minus = (x: C): C => [-x[0], -x[1]];
// Analytic functions of x + iy for a y that vanishes beside 1: f(x) + i y f′(x).
const tanh = ([re, im]: C): C => [Math.tanh(re), im * (1 - Math.tanh(re) ** 2)];
const sigmoid = ([re, im]: C): C => {
  const value = 1 / (1 + Math.exp(-re));
  return [value, im * value * (1 - value)];
};
const relu = (x: C): C => (x[0] > 0 ? x : [0, 0]);

type Numbers = Readonly<Record<string, readonly C[]>>;
const [hidden, inputs, time] = [3, 2, 4];

/** One row of `W x + b`. */
function affine(weights: readonly C[], bias: readonly C[], row: number, x: readonly C[]): C {
  return x.reduce((total, value, at) => add(total, times(weights[row * x.length + at] as C, value)), bias[row] as C);
}

type Step = (p: Numbers, carry: readonly (readonly C[])[], x: readonly C[]) => C[][];

/** Cells from their equations, number by number. */
const steps: Record<
  string,
  { readonly gates: number; readonly cell: Cell<RecurrentParams, never>; readonly step: Step }
> = {
  lstm: { gates: 4, cell: lstmCell({ hiddenSize: hidden }) as never, step: lstm },
  gru: { gates: 3, cell: gruCell({ hiddenSize: hidden }) as never, step: gru },
  rnnTanh: { gates: 1, cell: rnnCell({ hiddenSize: hidden }) as never, step: plain(tanh) },
  rnnRelu: { gates: 1, cell: rnnCell({ hiddenSize: hidden, activation: 'relu' }) as never, step: plain(relu) },
};

const units = Array.from({ length: hidden }, (_, unit) => unit);

/** What enters a gate of a unit, from the input and from the state. */
function shares(p: Numbers, state: readonly C[], x: readonly C[], gate: number, unit: number): [C, C] {
  const row = gate * hidden + unit;
  return [
    affine(p['weight_ih'] as C[], p['bias_ih'] as C[], row, x),
    affine(p['weight_hh'] as C[], p['bias_hh'] as C[], row, state),
  ];
}

function plain(activation: (x: C) => C): Step {
  return (p, [state], x) => [units.map((unit) => activation(add(...shares(p, state as C[], x, 0, unit))))];
}

function lstm(p: Numbers, [state, memory]: readonly (readonly C[])[], x: readonly C[]): C[][] {
  const of = (gate: number, unit: number): C => add(...shares(p, state as C[], x, gate, unit));
  const next = units.map((unit) =>
    add(times(sigmoid(of(1, unit)), (memory as C[])[unit] as C), times(sigmoid(of(0, unit)), tanh(of(2, unit)))),
  );
  return [next.map((value, unit) => times(sigmoid(of(3, unit)), tanh(value))), next];
}

function gru(p: Numbers, [state]: readonly (readonly C[])[], x: readonly C[]): C[][] {
  return [
    units.map((unit) => {
      const gate = (index: number): C => sigmoid(add(...shares(p, state as C[], x, index, unit)));
      const [fromInput, fromState] = shares(p, state as C[], x, 2, unit);
      const fresh = tanh(add(fromInput, times(gate(0), fromState)));
      const keep = gate(1);
      return add(times(add([1, 0], minus(keep)), fresh), times(keep, (state as C[])[unit] as C));
    }),
  ];
}

/** `Σ_t w_t · h_t²` over a run. */
function lossOf(step: Step, numbers: Numbers): C {
  let carry = ['h', 'c'].flatMap((name) => (numbers[name] === undefined ? [] : [numbers[name]]));
  let total: C = [0, 0];
  for (let t = 0; t < time; t++) {
    carry = step(numbers, carry, (numbers['x'] as C[]).slice(t * inputs, (t + 1) * inputs));
    for (const value of carry[0] as C[]) total = add(total, times(value, value));
  }
  return total;
}

describe('the gradient by every parameter, input and first state is that of a complex step', () => {
  test.each(Object.entries(steps))('%s', (name, { gates, cell, step }) => {
    scope(() => {
      const draw = (seed: number, shape: number[]): Tensor => normal(foldIn(key(3), seed), shape, { dtype: 'f64' });
      const params: RecurrentParams = {
        weight_ih: draw(1, [gates * hidden, inputs]),
        weight_hh: draw(2, [gates * hidden, hidden]),
        bias_ih: draw(3, [gates * hidden]),
        bias_hh: draw(4, [gates * hidden]),
      };
      const carry = name === 'lstm' ? { h: draw(5, [1, hidden]), c: draw(6, [1, hidden]) } : draw(5, [1, hidden]);
      const given = { params, carry, x: draw(7, [time, 1, inputs]) };
      const task = cellTask<RecurrentParams, typeof carry, Tensor, Tensor, Tensor>(cell, {
        input: (x) => x,
        loss: (_, output) => sum(mul(output, output)),
      });
      const { value, pullback } = vjp((of: typeof given) => {
        const { output } = task.forward(of.params, of.carry, of.x, { from: 0, key: null });
        return task.loss(of.params, output, of.x, { from: 0, key: null });
      }, given);
      const gradient = pullback(onesLike(value));
      pullback.dispose();
      const numbers: Record<string, C[]> = {};
      const found: [name: string, gradient: Tensor][] = [];
      const gradients = new Map(treeEntries(gradient));
      for (const [path, leaf] of treeEntries(given)) {
        const own = path === 'carry' ? 'h' : (path.split('.').at(-1) as string);
        numbers[own] = Array.from(leaf.readSync(), (re): C => [re, 0]);
        found.push([own, gradients.get(path) as Tensor]);
      }
      expect(lossOf(step, numbers)[0]).toBeCloseTo(value.readSync()[0] as number, 12);
      for (const [own, tensor] of found) {
        const values = tensor.readSync();
        const largest = Math.max(...Array.from(values, Math.abs));
        values.forEach((got, index) => {
          const moved = (numbers[own] as C[]).map((number, at): C => (at === index ? [number[0], h] : number));
          const wanted = lossOf(step, { ...numbers, [own]: moved })[1] / h;
          expect(Math.abs(got - wanted) / largest, `${own}[${index}]`).toBeLessThan(1e-13);
        });
      }
    });
  });
});
