import { fromArray, key, scope, uniformValues, zeros, type LstmCarry, type Tensor } from '@tempograd/core';
import { describe, expect, it } from 'vitest';
import {
  fromFlaxLstm,
  fromKerasGru,
  fromKerasLstm,
  fromOnnxGru,
  fromOnnxLstm,
  fromOnnxRnn,
  gru,
  lstm,
  rnn,
  toOnnxWeights,
  type OnnxWeights,
  type RecurrentLayer,
  type RecurrentLayerParams,
} from '../src/index.js';
import { expectClose, withFreshBackend } from './support/close.js';

/**
 * Each framework's layer as its documentation words it, on plain arrays, with no code of the library in it; the converted weights
 * must give the same outputs.
 */
const inputs = 3;
const hidden = 2;
const time = 4;

type Row = number[];
type Matrix = Row[];

const numbers = (seed: number, count: number): Row =>
  [...uniformValues(key(seed), count)].map((value) => 2 * value - 1);
const matrix = (seed: number, rows: number, columns: number): Matrix => {
  const values = numbers(seed, rows * columns);
  return Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns));
};
const made = (values: Matrix | Row, shape: number[]): Tensor => fromArray(values.flat(), shape, { dtype: 'f64' });
const add = (...rows: Row[]): Row =>
  (rows[0] as Row).map((_, index) => rows.reduce((sum, row) => sum + (row[index] as number), 0));
const times = (a: Row, b: Row): Row => a.map((value, index) => value * (b[index] as number));
const sigmoid = (row: Row): Row => row.map((value) => 1 / (1 + Math.exp(-value)));
const tanh = (row: Row): Row => row.map(Math.tanh);
/** x · K, K `[inputs, units]`. */
const through = (x: Row, kernel: Matrix): Row =>
  (kernel[0] as Row).map((_, unit) => x.reduce((sum, value, index) => sum + value * (kernel[index] as Row)[unit]!, 0));
/** W · x, W `[units, inputs]`. */
const apply = (weight: Matrix, x: Row): Row =>
  weight.map((row) => row.reduce((sum, value, index) => sum + value * (x[index] as number), 0));
/** Columns of gate `gate`. */
const block = (kernel: Matrix, gate: number): Matrix =>
  kernel.map((row) => row.slice(gate * hidden, (gate + 1) * hidden));
const part = <T>(list: T[], gate: number): T[] => list.slice(gate * hidden, (gate + 1) * hidden);

const x = matrix(1, time, inputs);

function runLstm(order: readonly Row[], gates: (x: Row, h: Row) => { i: Row; f: Row; g: Row; o: Row }): Matrix {
  let [h, c] = [new Array<number>(hidden).fill(0), new Array<number>(hidden).fill(0)];
  return order.map((input) => {
    const { i, f, g, o } = gates(input, h);
    c = add(times(sigmoid(f), c), times(sigmoid(i), tanh(g)));
    h = times(sigmoid(o), tanh(c));
    return h;
  });
}

function expectOutputs<C extends Tensor | LstmCarry>(
  layer: RecurrentLayer<C>,
  params: RecurrentLayerParams,
  wanted: Matrix,
): void {
  const { output } = layer.apply(params, null, made(x, [time, 1, inputs]));
  expectClose(output, wanted.flat(), 1e-12);
}

describe('weights of other frameworks', () => {
  withFreshBackend();

  it.each([true, false])('Keras LSTM, bias %s', (bias) =>
    scope(() => {
      const [kernel, recurrentKernel, b] = [
        matrix(2, inputs, 4 * hidden),
        matrix(3, hidden, 4 * hidden),
        numbers(4, 4 * hidden),
      ];
      const wanted = runLstm(x, (input, h) => {
        const gate = (k: number): Row =>
          add(through(input, block(kernel, k)), through(h, block(recurrentKernel, k)), bias ? part(b, k) : [0, 0]);
        return { i: gate(0), f: gate(1), g: gate(2), o: gate(3) };
      });
      const params = fromKerasLstm({
        kernel: made(kernel, [inputs, 4 * hidden]),
        recurrentKernel: made(recurrentKernel, [hidden, 4 * hidden]),
        bias: bias ? made(b, [4 * hidden]) : null,
      });
      expectOutputs(lstm({ inputSize: inputs, hiddenSize: hidden, bias }), params, wanted);
    }),
  );

  it('Flax LSTM', () =>
    scope(() => {
      const names = ['i', 'f', 'g', 'o'] as const;
      const kernels = names.map((_, index) => ({
        input: matrix(10 + index, inputs, hidden),
        h: matrix(20 + index, hidden, hidden),
        bias: numbers(30 + index, hidden),
      }));
      const wanted = runLstm(x, (input, h) => {
        const [i, f, g, o] = kernels.map((gate) => add(through(input, gate.input), through(h, gate.h), gate.bias)) as [
          Row,
          Row,
          Row,
          Row,
        ];
        return { i, f, g, o };
      });
      const [i, f, g, o] = kernels.map((gate) => ({
        input: { kernel: made(gate.input, [inputs, hidden]) },
        h: { kernel: made(gate.h, [hidden, hidden]), bias: made(gate.bias, [hidden]) },
      })) as [Dense, Dense, Dense, Dense];
      const params = fromFlaxLstm({
        ii: i.input,
        if: f.input,
        ig: g.input,
        io: o.input,
        hi: i.h,
        hf: f.h,
        hg: g.h,
        ho: o.h,
      });
      expectOutputs(lstm({ inputSize: inputs, hiddenSize: hidden }), params, wanted);
    }));

  it('ONNX LSTM, both directions', () =>
    scope(() => {
      const directions = [0, 1].map((d) => ({
        w: matrix(40 + d, 4 * hidden, inputs),
        r: matrix(50 + d, 4 * hidden, hidden),
        b: numbers(60 + d, 8 * hidden),
      }));
      const [forward, backward] = directions.map(({ w, r, b }, d) => {
        const outputs = runLstm(d === 0 ? x : [...x].reverse(), (input, h) => {
          const gate = (k: number): Row =>
            add(apply(part(w, k), input), apply(part(r, k), h), part(b, k), part(b, 4 + k));
          return { i: gate(0), o: gate(1), f: gate(2), g: gate(3) };
        });
        return d === 0 ? outputs : outputs.reverse();
      }) as [Matrix, Matrix];
      const params = fromOnnxLstm({
        w: made(
          directions.flatMap(({ w }) => w),
          [2, 4 * hidden, inputs],
        ),
        r: made(
          directions.flatMap(({ r }) => r),
          [2, 4 * hidden, hidden],
        ),
        b: made(
          directions.flatMap(({ b }) => b),
          [2, 8 * hidden],
        ),
      });
      const wanted = forward.map((row, t) => [...row, ...(backward[t] as Row)]);
      expectOutputs(lstm({ inputSize: inputs, hiddenSize: hidden, bidirectional: true }), params, wanted);
      expect(Object.keys(params)).toContain('bias_hh_l0_reverse');
    }));

  function runGru(gates: (input: Row, h: Row) => { z: Row; r: Row; fromInput: Row; fromState: Row }): Matrix {
    let h: Row = new Array<number>(hidden).fill(0);
    return x.map((input) => {
      const { z, r, fromInput, fromState } = gates(input, h);
      const candidate = tanh(add(fromInput, times(sigmoid(r), fromState)));
      const update = sigmoid(z);
      h = add(
        times(update, h),
        times(
          update.map((value) => 1 - value),
          candidate,
        ),
      );
      return h;
    });
  }

  it('Keras GRU with reset_after', () =>
    scope(() => {
      const [kernel, recurrentKernel, bias] = [
        matrix(2, inputs, 3 * hidden),
        matrix(3, hidden, 3 * hidden),
        matrix(4, 2, 3 * hidden),
      ];
      const wanted = runGru((input, h) => {
        const fromInput = (k: number): Row => add(through(input, block(kernel, k)), part(bias[0] as Row, k));
        const fromState = (k: number): Row => add(through(h, block(recurrentKernel, k)), part(bias[1] as Row, k));
        return {
          z: add(fromInput(0), fromState(0)),
          r: add(fromInput(1), fromState(1)),
          fromInput: fromInput(2),
          fromState: fromState(2),
        };
      });
      const weights = {
        kernel: made(kernel, [inputs, 3 * hidden]),
        recurrentKernel: made(recurrentKernel, [hidden, 3 * hidden]),
      };
      const params = fromKerasGru({ ...weights, bias: made(bias, [2, 3 * hidden]) });
      expectOutputs(gru({ inputSize: inputs, hiddenSize: hidden }), params, wanted);
      expect(() => fromKerasGru({ ...weights, bias: zeros([3 * hidden]) })).toThrow(/reset_after=False/);
    }));

  it('ONNX GRU with linear_before_reset', () =>
    scope(() => {
      const [w, r, b] = [matrix(2, 3 * hidden, inputs), matrix(3, 3 * hidden, hidden), numbers(4, 6 * hidden)];
      const wanted = runGru((input, h) => {
        const fromInput = (k: number): Row => add(apply(part(w, k), input), part(b, k));
        const fromState = (k: number): Row => add(apply(part(r, k), h), part(b, 3 + k));
        return {
          z: add(fromInput(0), fromState(0)),
          r: add(fromInput(1), fromState(1)),
          fromInput: fromInput(2),
          fromState: fromState(2),
        };
      });
      const weights = {
        w: made(w, [1, 3 * hidden, inputs]),
        r: made(r, [1, 3 * hidden, hidden]),
        b: made(b, [1, 6 * hidden]),
      };
      expectOutputs(
        gru({ inputSize: inputs, hiddenSize: hidden }),
        fromOnnxGru({ ...weights, linearBeforeReset: 1 }),
        wanted,
      );
      expect(() => fromOnnxGru({ ...weights, linearBeforeReset: 0 })).toThrow(/linear_before_reset is 0/);
    }));

  it('ONNX RNN', () =>
    scope(() => {
      const [w, r, b] = [matrix(2, hidden, inputs), matrix(3, hidden, hidden), numbers(4, 2 * hidden)];
      let h: Row = new Array<number>(hidden).fill(0);
      const wanted = x.map((input) => {
        h = tanh(add(apply(w, input), part(b, 0), apply(r, h), part(b, 1)));
        return h;
      });
      const weights = { w: made(w, [1, hidden, inputs]), r: made(r, [1, hidden, hidden]), b: made(b, [1, 2 * hidden]) };
      expectOutputs(rnn({ inputSize: inputs, hiddenSize: hidden }), fromOnnxRnn(weights), wanted);
    }));

  it.each(['lstm', 'gru', 'rnn'] as const)('back to ONNX, %s', (operator) =>
    scope(() => {
      const options = { inputSize: inputs, hiddenSize: hidden, layers: 2, bidirectional: true };
      const layer = { lstm, gru, rnn }[operator](options);
      const params = layer.init(key(1), { dtype: 'f64' });
      const from = {
        lstm: fromOnnxLstm,
        gru: (weights: OnnxWeights, target: object) => fromOnnxGru({ ...weights, linearBeforeReset: 1 }, target),
        rnn: fromOnnxRnn,
      }[operator];
      const again = Object.assign(
        {},
        ...[0, 1].map((index) => from(toOnnxWeights(operator, params, { layer: index }), { layer: index })),
      ) as RecurrentLayerParams;
      expect(Object.keys(again).sort()).toEqual(Object.keys(params).sort());
      for (const [name, tensor] of Object.entries(params)) {
        expect([...again[name as keyof RecurrentLayerParams]!.readSync()]).toEqual([...tensor.readSync()]);
      }
    }),
  );

  it('back to ONNX without biases, and not from a layer that there is not', () =>
    scope(() => {
      const params = gru({ inputSize: inputs, hiddenSize: hidden, bias: false }).init(key(1));
      const { w, b } = toOnnxWeights('gru', params);
      expect([w.shape, b]).toEqual([[1, 3 * hidden, inputs], null]);
      expect(() => toOnnxWeights('gru', params, { layer: 1 })).toThrow(
        /no layer 1; they have weight_ih_l0, weight_hh_l0/,
      );
      expect(() => toOnnxWeights('GRU' as never, params)).toThrow(/no operator "GRU"; choose lstm, gru or rnn/);
    }));

  it('go to the layer and direction asked for', () =>
    scope(() => {
      const weights = {
        kernel: zeros([inputs, 4 * hidden]),
        recurrentKernel: zeros([hidden, 4 * hidden]),
        bias: zeros([4 * hidden]),
      };
      const names = ['weight_ih_l2_reverse', 'weight_hh_l2_reverse', 'bias_ih_l2_reverse', 'bias_hh_l2_reverse'];
      expect(Object.keys(fromKerasLstm(weights, { layer: 2, reverse: true }))).toEqual(names);
    }));
});

interface Dense {
  readonly input: { readonly kernel: Tensor };
  readonly h: { readonly kernel: Tensor; readonly bias: Tensor };
}
