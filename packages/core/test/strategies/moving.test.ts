import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import {
  adaptiveTruncation,
  artbp,
  fullBptt,
  key,
  randomTelescoping,
  scope,
  sgdStep,
  treeLeaves,
  truncatedBptt,
  type Strategy,
  type Tensor,
} from '../../src/index.js';
import { apart, sample, total } from './support.js';
import { leavesNothingOn } from '../fixtures/leavesNothing.js';

const backend = createBackend();

leavesNothingOn(backend);

/** Losses of updates, each of which moves the parameters in place. */
function train(strategy: Strategy): number[] {
  return scope(() => {
    const { task, params, stretch } = sample('lstm', 14);
    const run = strategy.start(task, { key: key(2) });
    const losses: number[] = [];
    const leaves = treeLeaves(params);
    for (const updates of [run.push(params, stretch), run.finish(params)]) {
      for (const update of updates) {
        losses.push(update.loss.readSync()[0] as number);
        treeLeaves(update.gradient).forEach((gradient, index) => {
          const settings = { momentum: 0, nesterov: false, weightDecay: 0 };
          const controls = { learningRate: 0.01, step: losses.length };
          sgdStep(leaves[index] as Tensor, gradient, { velocity: null }, controls, settings);
        });
      }
    }
    run.dispose();
    return losses;
  });
}

test.each([
  [
    'artbp that never cuts',
    artbp({ updateEvery: 3, cutProbability: 0 }),
    truncatedBptt({ updateEvery: 3, backwardSteps: 15 }),
  ],
  [
    'randomTelescoping of one length',
    randomTelescoping({ updateEvery: 3, probabilities: [0, 0, 1] }),
    truncatedBptt({ updateEvery: 3, backwardSteps: 9 }),
  ],
  [
    'adaptiveTruncation of one length',
    adaptiveTruncation({ updateEvery: 3, minLength: 9, maxLength: 9 }),
    truncatedBptt({ updateEvery: 3, backwardSteps: 9 }),
  ],
])('%s trains as truncated BPTT does, through steps that ran with older parameters', (_, strategy, plain) => {
  const [losses, expected] = [train(strategy), train(plain)];
  expect(losses[4]).not.toBeCloseTo(train(truncatedBptt({ updateEvery: 3 }))[4] as number, 6);
  expect(apart(losses, expected)).toBeLessThan(1e-12);
});

test.each([
  artbp({ updateEvery: 3, meanLength: 2 }),
  randomTelescoping({ updateEvery: 3, meanLength: 4 }),
  adaptiveTruncation({ updateEvery: 3, maxLength: 4 }),
])('one step of one row is full BPTT: $name', (strategy) => {
  scope(() => {
    const given = sample('lstm', 1, { batch: 1 });
    expect(total(strategy, given, key(1)).gradient).toEqual(total(fullBptt(), given).gradient);
  });
});

test('a run that is left in the middle of an update, and one that is pushed nothing, give everything back', () => {
  scope(() => {
    const { task, params, stretch } = sample('rnn', 9);
    for (const strategy of [
      artbp({ updateEvery: 2, meanLength: 3 }),
      randomTelescoping({ updateEvery: 2, meanLength: 3 }),
      adaptiveTruncation({ updateEvery: 2, maxLength: 4 }),
    ]) {
      const run = strategy.start(task, { key: key(1) });
      for (const update of run.push(params, stretch)) if (update.lossSteps.to === 4) break;
      expect(run.position).toBe(4);
      run.dispose();
      const idle = strategy.start(task, { key: key(1) });
      expect([...idle.finish(params)]).toEqual([]);
      expect(idle.snapshot()).toMatchObject({ position: 0, carry: null, pending: null, pieces: [] });
      idle.dispose();
    }
  });
});
