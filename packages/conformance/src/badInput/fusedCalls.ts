import * as tg from '@tempograd/core';
import { gateCount, recurrentCells } from '@tempograd/core/backend';
import type { Call, TensorPlace } from './Call.js';

type Any = never;

const place = (...shape: number[]): TensorPlace => ({ shape });
const whole = (...shape: number[]): TensorPlace => ({ shape, kind: 'i32' });
const free = (given: TensorPlace, ...what: NonNullable<TensorPlace['free']>): TensorPlace => ({ ...given, free: what });

const [time, batch, inputs, hidden] = [3, 2, 2, 4];

const layer = (cell: (typeof recurrentCells)[number]): Call => {
  const rows = gateCount[cell] * hidden;
  return {
    name: `recurrent, ${cell}`,
    tensors: {
      // A sequence of one more step, or of row numbers, is a valid one.
      input: free(place(time, batch, inputs), 'shape', 'dtype'),
      weightIh: place(rows, inputs),
      weightHh: place(rows, hidden),
      biasIh: free(place(rows), 'null'),
      biasHh: free(place(rows), 'null'),
      h: place(batch, hidden),
      ...(cell === 'lstm' ? { c: place(batch, hidden) } : {}),
      mask: free(whole(time, batch), 'null'),
    },
    others: { cell: [cell, 'rnn', null, 3], reverse: [false, 1, 'x', null] },
    run: ({ h, c, ...tensors }, { cell: kind, reverse }) =>
      tg.recurrent({ ...tensors, carry: c === undefined ? [h] : [h, c], cell: kind, reverse } as Any),
  };
};

const settings = {
  adamStep: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, decoupled: false },
  sgdStep: { momentum: 0.9, nesterov: false, weightDecay: 0 },
  rmspropStep: { alpha: 0.9, epsilon: 1e-8, momentum: 0.9, weightDecay: 0 },
} as const;
const moments = {
  adamStep: ['moment1', 'moment2', 'maxMoment2'],
  sgdStep: ['velocity'],
  rmspropStep: ['square', 'velocity', 'mean'],
} as const;

/** Of some moments null means another kind of step. */
const absent = ['maxMoment2', 'mean'];

const optimiserSteps = (Object.keys(settings) as (keyof typeof settings)[]).map((op): Call => {
  const leaf = place(3, 4);
  return {
    name: op,
    tensors: {
      parameter: leaf,
      gradient: leaf,
      ...Object.fromEntries(moments[op].map((name) => [name, absent.includes(name) ? free(leaf, 'null') : leaf])),
      learningRate: free(place(), 'number'),
      step: free(place(), 'number'),
      guard: free(place(), 'null'),
    },
    others: { settings: [settings[op], null, 3, {}, { ...settings[op], lr: 1 }] },
    run: ({ parameter, gradient, learningRate, step, guard, ...own }, { settings: given }) => {
      const controls = { learningRate, step, guard };
      (tg[op] as (...args: unknown[]) => void)(parameter, gradient, own, controls, given);
    },
  };
});

/** Steps of two parameters, of which the second is bad: the first has its old value then too. */
const stepsOfTwo = (Object.keys(settings) as (keyof typeof settings)[]).map((op): Call => {
  const leaf = place(3, 4);
  const kept = moments[op].filter((name) => !absent.includes(name));
  const rule = op.replace('Step', '');
  return {
    name: `optimiserSteps, ${rule}`,
    tensors: {
      parameter: leaf,
      gradient: leaf,
      ...Object.fromEntries(kept.map((name) => [name, leaf])),
      scale: free(place(), 'number', 'null'),
      guard: free(place(), 'null'),
    },
    others: {
      rule: [rule, 'lion', null, 3],
      settings: [[settings[op], settings[op]], [settings[op], null], [settings[op]], [settings[op], {}], null, 3],
      gradients: [2, 1, 3],
    },
    run: ({ parameter, gradient, scale, guard, ...own }, other) => {
      tg.scope(() => {
        const first = (): tg.Tensor => tg.zerosLike(parameter!);
        const both = (second: tg.Tensor): tg.Tensor[] => [first(), second];
        const lists = Object.fromEntries(Object.entries(own).map(([name, second]) => [name, both(second)]));
        const none = Object.fromEntries(moments[op].map((name) => [name, null]));
        const gradients = [first(), gradient, first()].slice(0, other['gradients'] as number);
        const given = {
          parameters: both(parameter!),
          gradients,
          moments: { ...none, ...lists },
          settings: other['settings'],
        };
        tg.optimiserSteps(other['rule'] as Any, given as Any, { learningRate: 0.1, step: 1, scale, guard });
      });
    },
  };
});

/** `h' = tanh(a⊙h + x)`. */
const cell: tg.Cell<{ a: tg.Tensor }, tg.Tensor> = {
  initialCarry: (rows, options) => tg.zeros([rows, inputs], options),
  step({ a }, h, x) {
    const next = tg.tanh(tg.add(tg.mul(h, a), x));
    return { carry: next, output: next };
  },
};

const scans = (['scan', 'scanSteps'] as const).map((op): Call => ({
  name: op,
  tensors: {
    // The cell multiplies by it, and a number would do.
    a: free(place(inputs), 'number'),
    h: place(batch, inputs),
    x: place(time, batch, inputs),
    mask: free(whole(time, batch), 'null'),
  },
  others: { from: [0, -1, NaN, 'x'], reverse: [false, 1, 'x'] },
  run: ({ a, h, x, mask }, options) => tg[op](cell, { a: a! }, h!, x!, { ...options, mask }),
}));

const training = (
  name: string,
  make: (options: unknown) => tg.Strategy,
  others: NonNullable<Call['others']>,
): Call => ({
  name,
  tensors: { a: place(inputs), carry: place(batch, inputs), x: place(time, batch, inputs) },
  others,
  run: ({ a, carry, x }, options) => {
    const task = tg.cellTask<{ a: tg.Tensor }, tg.Tensor, tg.Tensor, tg.Tensor, tg.Tensor>(cell, {
      input: (stretch) => stretch,
      loss: (_, output) => tg.sum(output),
    });
    const run = make(options).start(task, { carry: carry!, key: tg.key(1) });
    try {
      for (const _ of run.push({ a: a! }, x!));
      for (const _ of run.finish({ a: a! }));
    } finally {
      run.dispose();
    }
  },
});

const steps = [2, 0, -1, NaN, 1.5, 'x', null] as const;

const strategies = [
  training('fullBptt', () => tg.fullBptt(), {}),
  training('truncatedBptt', (options) => tg.truncatedBptt(options as Any), {
    updateEvery: steps,
    backwardSteps: [2, 0, NaN, 'x', null],
  }),
  training('checkpointedBptt', (options) => tg.checkpointedBptt(options as Any), {
    slots: [2, 0, -1, NaN, 1.5, 'x', null, {}],
    segment: steps,
  }),
  training('artbp', (options) => tg.artbp(options as Any), {
    updateEvery: steps,
    meanLength: [4, 0, 1, NaN, 'x', null],
    alpha: [3, 2, NaN, 'x'],
    segment: steps,
  }),
  training('randomTelescoping', (options) => tg.randomTelescoping(options as Any), {
    updateEvery: steps,
    meanLength: [4, 0, 1, NaN, 'x', null],
    segment: steps,
    estimator: ['singleSample', 'x', 1, null],
  }),
];

/** Ops with a fused path, steps of optimisers, recurrences and strategies. */
export const fusedCalls: readonly Call[] = [
  {
    name: 'linear',
    tensors: { x: place(2, 3), weight: place(4, 3), bias: free(place(4), 'null') },
    run: ({ x, weight, bias }) => tg.linear(x!, weight!, bias),
  },
  {
    name: 'layerNorm',
    tensors: { x: place(2, 3), weight: place(3), bias: place(3) },
    others: { epsilon: [1e-5, 'x', null, -1, NaN] },
    run: ({ x, weight, bias }, { epsilon }) => tg.layerNorm(x!, weight!, bias!, epsilon as Any),
  },
  ...(['softmaxCrossEntropy', 'summedSoftmaxCrossEntropy'] as const).map((name): Call => ({
    name,
    tensors: { logits: free(place(2, 3), 'float dtype'), targets: whole(2) },
    others: { labelSmoothing: [0.1, -0.1, 1, NaN, 'x', null, {}] },
    run: ({ logits, targets }, { labelSmoothing }) => tg[name](logits!, targets!, labelSmoothing as Any),
  })),
  {
    name: 'linearScan',
    tensors: { a: place(3, 2), b: place(3, 2), h0: place(2) },
    run: ({ a, b, h0 }) => tg.linearScan(a!, b!, h0!),
  },
  ...recurrentCells.map(layer),
  ...optimiserSteps,
  ...stepsOfTwo,
  ...scans,
  ...strategies,
];
