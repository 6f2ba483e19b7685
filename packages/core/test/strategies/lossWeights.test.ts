import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import {
  ArgumentError,
  bernoulli,
  countedLosses,
  creditMatrix,
  fullBptt,
  key,
  mul,
  scope,
  sliceAxis,
  truncatedBptt,
  truncationMask,
  uniformValues,
  type LossWeights,
  type StepContext,
  type Strategy,
} from '../../src/index.js';
import { apart, readUpdates, sample, total, type Task } from './support.js';
import { leavesNothingOn } from '../fixtures/leavesNothing.js';

const backend = createBackend();

leavesNothingOn(backend);

const time = 9;
const weights: [string, LossWeights][] = [
  ['a few', (step) => (step === 2 || step === 7 ? 1 : 0)],
  ['all, differently', Float64Array.from({ length: time }, (_, step) => step / 3)],
  ['ranges of equal ones', [2, 2, 0, 0, 1, 1, 1, -1, 0]],
  ['the last', (step) => (step === time - 1 ? 1 : 0)],
  ['none', new Array<number>(time).fill(0)],
  ['one each', () => 1],
];

test.each(weights)('weights of losses, %s: each regime is its mask times the credit matrix', (_, lossScope) => {
  scope(() => {
    const given = sample('lstm', time);
    const credit = creditMatrix(given.task, given.params, given.stretch);
    const counted = countedLosses({ time, updateEvery: time, backwardSteps: time, lossScope });
    const loss = counted.reduce((all, weight, s) => all + weight * (credit.losses[s] as number), 0);
    const check = (strategy: Strategy, expected: Float64Array, what: string): void => {
      const result = total(strategy, given);
      expect(apart(result.gradient, expected), what).toBeLessThan(1e-12);
      expect(Math.abs(result.loss - loss), what).toBeLessThan(1e-11);
      const dropped = result.updates.reduce((all, { droppedLosses }) => all + droppedLosses, 0);
      expect(dropped, what).toBe(counted.filter((weight) => weight === 0).length);
    };
    for (const [updateEvery, backwardSteps] of [
      [3, 3],
      [2, 5],
      [4, 2],
      [1, 3],
      [9, 20],
    ] as const) {
      const regime = { updateEvery, backwardSteps, lossScope };
      const what = `u=${updateEvery} b=${backwardSteps}`;
      check(truncatedBptt(regime), credit.masked(truncationMask({ time, ...regime }), counted), what);
      check(
        truncatedBptt({ ...regime, staleness: 'recompute' }),
        credit.masked(truncationMask({ time, ...regime }), counted),
        what,
      );
    }
    const whole = truncationMask({ time, updateEvery: time, backwardSteps: time, lossScope });
    check(fullBptt({ lossScope }), credit.masked(whole, counted), 'full');
  });
});

test('weight one for every loss changes no bit', () => {
  scope(() => {
    const given = sample('lstm', time);
    expect(total(fullBptt({ lossScope: () => 1 }), given).parts).toEqual(total(fullBptt(), given).parts);
  });
});

/** The task, with dropout in its loss and a note of what the loss is asked for. */
function watched(task: Task, asked: [from: number, steps: number][]): Task {
  return {
    ...task,
    loss(params, output, stretch, context: StepContext) {
      const steps = output.shape[0] as number;
      asked.push([context.from, steps]);
      const size = output.size / steps;
      const kept = bernoulli(key(3), 0.5, output.shape, { dtype: 'f64', offset: context.from * size });
      return task.loss(params, mul(output, kept), stretch, context);
    },
  };
}

test('losses of weight 0 cost no readout, and the others draw what they would have drawn', () => {
  scope(() => {
    const given = sample('rnn', 20);
    const asked: [number, number][] = [];
    const task = watched(given.task, asked);
    const lossScope = (step: number): number => (step % 10 === 3 || step === 14 ? 1 : 0);
    const sparse = total(truncatedBptt({ updateEvery: 10, lossScope }), { ...given, task });
    expect(asked).toEqual([
      [3, 1],
      [13, 2],
    ]);
    const credit = creditMatrix(task, given.params, given.stretch);
    const regime = { time: 20, updateEvery: 10, backwardSteps: 10, lossScope };
    expect(apart(sparse.gradient, credit.masked(truncationMask(regime), countedLosses(regime)))).toBeLessThan(1e-12);
  });
});

test('sampled losses of weight 1/p have the full gradient as their expectation', () => {
  scope(() => {
    const [steps, p] = [4, 0.3];
    const given = sample('rnn', steps);
    const full = total(fullBptt(), given);
    const expectation = new Float64Array(full.gradient.length);
    for (let pattern = 0; pattern < 2 ** steps; pattern++) {
      const isDrawn = (step: number): boolean => ((pattern >> step) & 1) === 1;
      const probability = [0, 1, 2, 3].reduce((all, step) => all * (isDrawn(step) ? p : 1 - p), 1);
      const { gradient } = total(fullBptt({ lossScope: (step) => (isDrawn(step) ? 1 / p : 0) }), given);
      gradient.forEach((value, index) => (expectation[index] = (expectation[index] as number) + probability * value));
    }
    expect(apart(expectation, full.gradient)).toBeLessThan(1e-13);
    const sampled: LossWeights = (step) => ((uniformValues(key(4), 1, step)[0] as number) < p ? 1 / p : 0);
    expect(total(fullBptt({ lossScope: sampled }), given).loss).toBe(
      total(fullBptt({ lossScope: sampled }), given).loss,
    );
  });
});

test('weights that are none are refused with the step', () => {
  expect(() => truncatedBptt({ updateEvery: 2, lossScope: 'first' as 'last' })).toThrow(
    /lossScope must be "interval", "last".*"first"/,
  );
  expect(() => truncationMask({ time: 2, updateEvery: 1, backwardSteps: 1, lossScope: 'all' as 'last' })).toThrow(
    ArgumentError,
  );
  expect(() => fullBptt({ lossScope: 3 as never })).toThrow(/lossScope must be an array or a function/);
  scope(() => {
    const { task, params, stretch } = sample('rnn', 4);
    const refusals: [LossWeights, RegExp][] = [
      [[1, 1, 1], /fullBptt: lossScope has 3 numbers, but there is a step 3/],
      [(step) => (step === 2 ? NaN : 1), /finite number for each step, but gives NaN for step 2/],
      [(() => undefined) as never, /gives undefined for step 0/],
      [['1', '1', '1', '1'] as never, /gives "1" for step 0/],
    ];
    for (const [lossScope, message] of refusals) {
      const run = fullBptt({ lossScope }).start(task);
      expect(() => readUpdates(run, params, [stretch])).toThrow(message);
      run.dispose();
    }
    const bad: Task = { ...task, loss: (_, output) => output };
    const run = fullBptt({ lossScope: [0, 1, 1, 0] }).start(bad);
    expect(() => readUpdates(run, params, [stretch])).toThrow(/one floating-point scalar/);
    run.dispose();
    const still = truncatedBptt({ updateEvery: 2, lossScope: [0, 1, 1, 0] }).start(task);
    expect([...still.push(params, { x: sliceAxis(stretch.x, 0, 1), y: sliceAxis(stretch.y, 0, 1) })]).toEqual([]);
    expect([still.position, still.carry]).toEqual([0, null]);
    still.dispose();
  });
});
