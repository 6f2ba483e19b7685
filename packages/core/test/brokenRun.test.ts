import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import {
  adaptiveTruncation,
  add,
  artbp,
  cellTask,
  checkpointedBptt,
  fullBptt,
  key,
  LifetimeError,
  mul,
  ones,
  randomTelescoping,
  ShapeError,
  sum,
  truncatedBptt,
  zeros,
  type Cell,
  type SequenceTask,
  type StateStore,
  type StoredArray,
  type Strategy,
  type Tensor,
} from '../src/index.js';
import { leavesNothingOn } from './fixtures/leavesNothing.js';

const backend = createBackend();

leavesNothingOn(backend);

/** A task that works until its step or its loss has been called as often as it may be. */
function fragile(limits: { step?: number; loss?: number }): SequenceTask<Tensor, Tensor, Tensor, Tensor> {
  const left = { step: Infinity, loss: Infinity, ...limits };
  const use = (what: 'step' | 'loss'): void => {
    if (left[what]-- <= 0) throw new RangeError(`no more of ${what}`);
  };
  const cell: Cell<Tensor, Tensor> = {
    initialCarry: (batch, options) => zeros([batch], options),
    step: (w, carry, x) => {
      use('step');
      const next = add(mul(w, carry), x);
      return { carry: next, output: next };
    },
  };
  return cellTask(cell, {
    input: (stretch: Tensor) => stretch,
    loss: (w, output) => {
      use('loss');
      return sum(mul(output, w));
    },
  });
}

const kept = new Map<string, readonly StoredArray[]>();
const store: StateStore = {
  put: (name, arrays) => void kept.set(name, arrays),
  get: (name) => kept.get(name) ?? [],
  delete: (name) => void kept.delete(name),
};

const strategies: [string, Strategy][] = [
  ['chunks', truncatedBptt({ updateEvery: 4 })],
  ['overlapping windows', truncatedBptt({ updateEvery: 4, backwardSteps: 6 })],
  ['overlapping windows, run again', truncatedBptt({ updateEvery: 4, backwardSteps: 6, staleness: 'recompute' })],
  ['short windows', truncatedBptt({ updateEvery: 4, backwardSteps: 2 })],
  ['the whole', fullBptt()],
  ['the whole, in segments', checkpointedBptt()],
  ['the whole, two carries kept', checkpointedBptt({ slots: 2 })],
  ['the whole, two steps kept', checkpointedBptt({ slots: 2, states: 'internal' })],
  ['the whole, within bytes', checkpointedBptt({ bytes: 1000 })],
  ['the whole, with a slower store', checkpointedBptt({ slots: 1, slow: { store } })],
  ['overlapping windows in segments', truncatedBptt({ updateEvery: 4, backwardSteps: 6, checkpoints: {} })],
  ['short windows in segments', truncatedBptt({ updateEvery: 4, backwardSteps: 2, checkpoints: { slots: 1 } })],
  ['random cuts', artbp({ updateEvery: 4, cutProbability: 0.2 })],
  ['measured lengths', adaptiveTruncation({ updateEvery: 4, maxLength: 8 })],
  ['random lengths', randomTelescoping({ updateEvery: 4, meanLength: 10 })],
  ['random cuts between segments', artbp({ updateEvery: 4, meanLength: 6, segment: 3 })],
];

describe.each(strategies)('after an exception in an update of %s', (_, strategy) => {
  test.each([1, 3, 6, 9].flatMap((count) => [{ step: count }, ...(count < 3 ? [{ loss: count - 1 }] : [])]))(
    'the run says that it is broken and why, and gives everything back: %j',
    (limits) => {
      const run = strategy.start(fragile(limits), { key: key(1) });
      const [w, stretch] = [ones([]), ones([12, 2])];
      const train = (): void => {
        for (const update of run.push(w, stretch)) expect(update.loss.readSync()[0]).toBeGreaterThan(0);
        for (const update of run.finish(w)) expect(update.loss.readSync()[0]).toBeGreaterThan(0);
      };
      expect(train).toThrow(RangeError);
      const why = `from step ${run.position} was stopped in the middle by "no more of ${Object.keys(limits)[0]}"`;
      for (const use of [train, () => [...run.finish(w)], () => run.snapshot()]) {
        expect(use).toThrow(LifetimeError);
        expect(use).toThrow(why);
      }
      run.dispose();
      expect(kept.size, 'states in the store').toBe(0);
      for (const x of [w, stretch]) x.dispose();
    },
  );
});

test('a stretch that does not join what was pushed before is refused, and the run is as before', () => {
  const run = truncatedBptt({ updateEvery: 4 }).start(fragile({}));
  const [w, first, second] = [ones([]), ones([3, 2]), ones([1, 2])];
  expect([...run.push(w, first)]).toEqual([]);
  const [bad, uneven] = [ones([1, 3]), [ones([1, 2]), ones([2, 2])]];
  expect(() => [...run.push(w, bad)]).toThrow(ShapeError);
  expect(() => [...run.push(w, uneven as never)]).toThrow(ShapeError);
  let updates = 0;
  for (const { lossSteps } of run.push(w, second)) {
    expect(lossSteps).toEqual({ from: 0, to: 4 });
    updates++;
  }
  expect(updates).toBe(1);
  run.dispose();
  for (const x of [w, first, second, bad, ...uneven]) x.dispose();
});
