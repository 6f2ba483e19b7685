import * as tg from '@tempograd/core';
import type { Builder } from './Builder.js';
import { constant, exp, log, minus, plus, power, scaled, times, type Hyper } from './Hyper.js';
import { at, build, centred, fold, product, swapLast, total, zip, type HyperArray } from './HyperArray.js';

function linearStep(builder: Builder): void {
  const { random } = builder;
  const [inputs, outputs] = [random.whole(1, 5), random.whole(1, 5)];
  const x = builder.fitted([...Array.from({ length: random.whole(0, 3) }, () => random.whole(1, 4)), inputs]);
  const bias = random.next() < 0.7 ? [builder.fitted([outputs])] : [];
  const lead = builder.shape(x).slice(0, -1);
  builder.push({
    name: 'linear',
    args: [x, builder.fitted([outputs, inputs]), ...bias],
    apply: (input, weight, added) => tg.linear(input, weight, added),
    form: ([input, weight, added]) => {
      const rows = product({ ...input!, shape: [input!.values.length / inputs, inputs] }, swapLast(weight!));
      const y = { ...rows, shape: [...lead, outputs] };
      return added === undefined ? y : zip([y, added], plus);
    },
  });
}

function layerNormStep(builder: Builder): void {
  const channels = builder.random.whole(2, 6);
  const x = builder.fitted([builder.random.whole(1, 4), channels]);
  const epsilon = 0.01;
  builder.push({
    name: 'layerNorm',
    args: [x, builder.fitted([channels]), builder.fitted([channels])],
    apply: (input, weight, bias) => tg.layerNorm(input, weight, bias, epsilon),
    form: ([input, weight, bias]) => {
      const differences = centred(input!);
      const rstd = fold(differences, [1], (row) => {
        const variance = scaled(total(row.map((y) => times(y, y))), 1 / channels);
        return power(plus(variance, constant(epsilon)), -0.5);
      });
      return zip([differences, rstd, weight!, bias!], (y, r, w, b) => plus(times(times(y, r), w), b));
    },
  });
}

function crossEntropyStep(builder: Builder): void {
  const { random } = builder;
  const [rows, classes] = [random.whole(1, 5), random.whole(2, 6)];
  // A negative target is ignored.
  const targets = Array.from({ length: rows }, () => random.whole(-1, classes));
  const labelSmoothing = random.pick([0, 0.1]);
  builder.push({
    name: `softmaxCrossEntropy of [${String(targets)}], smoothing ${labelSmoothing}`,
    args: [builder.fitted([rows, classes])],
    apply: (logits) => {
      const wanted = tg.fromArray(Int32Array.from(targets), [rows], { dtype: 'i32', backend: logits.backend });
      return tg.softmaxCrossEntropy(logits, wanted, labelSmoothing);
    },
    form: ([logits]) =>
      build([rows], ([row]) => {
        const target = targets[row as number] as number;
        if (target < 0) return constant(0);
        const elements = Array.from({ length: classes }, (_, index) =>
          at(logits as HyperArray, [row as number, index]),
        );
        return minus(log(total(elements.map(exp))), wantedLogit(elements, target, labelSmoothing));
      }),
  });
}

/** `(1−s)·x_y + s·mean x`. */
function wantedLogit(elements: readonly Hyper[], target: number, smoothing: number): Hyper {
  return plus(scaled(elements[target] as Hyper, 1 - smoothing), scaled(total(elements), smoothing / elements.length));
}

function linearScanStep(builder: Builder): void {
  const { random } = builder;
  const [time, width] = [random.whole(1, 6), random.whole(1, 4)];
  builder.push({
    name: 'linearScan',
    args: [builder.fitted([time, width]), builder.fitted([time, width]), builder.fitted([width])],
    apply: (a, b, h0) => tg.linearScan(a, b, h0),
    form: ([a, b, h0]) => {
      let h = [...h0!.values];
      const values = Array.from({ length: time }, (_, t) => {
        h = h.map((former, index) => plus(times(at(a!, [t, index]), former), at(b!, [t, index])));
        return h;
      });
      return { shape: [time, width], values: values.flat() };
    },
  });
}

function globalNormStep(builder: Builder): void {
  builder.push({
    name: 'globalNorm',
    args: [builder.ranked(1), builder.any()],
    apply: (x, y) => tg.globalNorm([x, y]),
    form: ([x, y], margin) => {
      const squares = total([...x!.values, ...y!.values].map((z) => times(z, z)));
      margin(squares.v / 50);
      return { shape: [], values: [power(squares, 0.5)] };
    },
  });
}

/** Ops with a fused path. */
export const fusedMakers: readonly ((builder: Builder) => void)[] = [
  linearStep,
  layerNormStep,
  crossEntropyStep,
  linearScanStep,
  globalNormStep,
];
