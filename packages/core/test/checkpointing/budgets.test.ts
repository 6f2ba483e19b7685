import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import { ArgumentError, checkpointedBptt, key, scope, truncatedBptt } from '../../src/index.js';
import { onOneTape, outcomeOf, parts, stackedTask } from './support.js';
import { leavesNothingOn } from '../fixtures/leavesNothing.js';

const backend = createBackend();

leavesNothingOn(backend);

test('a budget in bytes holds, is used, and buys fewer steps', () => {
  scope(() => {
    const { task, params, stretch } = stackedTask('lstm', { time: 60, batch: 4 });
    const base = backend.memory().bytes;
    for (const states of ['mixed', 'hidden', 'internal'] as const) {
      let before = Infinity;
      for (const bytes of [13_000, 25_000, 1e6]) {
        const what = `${states}, ${bytes} bytes`;
        const strategy = checkpointedBptt({ bytes, states });
        const [first, second] = [1, 2].map(
          () => outcomeOf(strategy, task, params, [stretch], { key: key(1) }).updates[0],
        );
        const peak = (first?.peakBytes ?? 0) - base;
        expect(peak, what).toBeLessThanOrEqual(bytes);
        if (bytes < 30_000) expect(peak, what).toBeGreaterThan(0.5 * bytes);
        // Sizes are measured once: the first time has a segment twice forward and once back on top.
        const steps = second?.forwardSteps ?? 0;
        expect(second?.backwardSteps, what).toBe(60);
        expect(first?.forwardSteps, what).toBeGreaterThan(steps);
        expect(first?.bits, what).toEqual(second?.bits);
        expect(steps, what).toBeLessThanOrEqual(1.05 * before);
        before = steps;
      }
      expect(before, states).toBe(states === 'hidden' ? before : 60);
    }
  });
});

test('with segments of a given length a budget in bytes is full backpropagation over them, to the bit', () => {
  scope(() => {
    const { task, params, stretch } = stackedTask('gru', { time: 31, dtype: 'f32' });
    const { bits } = onOneTape(task, params, stretch, 4, { key: key(1) });
    for (const bytes of [9000, 12_000, Infinity]) {
      const { updates } = outcomeOf(checkpointedBptt({ bytes, segment: 4 }), task, params, parts(stretch, [18, 13]), {
        key: key(1),
      });
      expect(updates[0]?.bits).toEqual(bits);
    }
  });
});

test('too small a budget says what would do, and that does', () => {
  scope(() => {
    const { task, params, stretch } = stackedTask('rnn', { time: 5 });
    for (const options of [{ bytes: 10 }, { bytes: 10, segment: 3 }, { bytes: 10, states: 'internal' }] as const) {
      const train = (bytes: number): unknown =>
        outcomeOf(checkpointedBptt({ ...options, bytes }), task, params, [stretch]).updates.length;
      let message = '';
      try {
        train(10);
      } catch (error) {
        expect(error).toBeInstanceOf(ArgumentError);
        message = (error as Error).message;
      }
      const wanted = Number(/Give at least (\d+) bytes/.exec(message)?.[1]);
      expect(wanted, message).toBeGreaterThan(100);
      expect(() => train(wanted - 1)).toThrow(ArgumentError);
      expect(train(wanted)).toBe(1);
    }
  });
});

test('options that make no sense are refused by name', () => {
  const refused =
    (options: object): unknown =>
    () =>
      checkpointedBptt(options);
  expect(refused({ slots: 3, bytes: 4 })).toThrow(/both slots and bytes/);
  expect(refused({ slots: 0 })).toThrow(/slots is a number of states and must be a whole number ≥ 1, but is 0/);
  expect(refused({ slots: 2.5 })).toThrow(ArgumentError);
  expect(refused({ slots: { hidden: 1 } })).toThrow(/slots.internal is missing|internal/);
  expect(refused({ slots: { hidden: 1, internal: 0 } })).toThrow(/slots.internal/);
  expect(refused({ slots: { hidden: 1, internal: 1, slow: 3 } })).toThrow(/no option "slots.slow"/);
  expect(refused({ slots: { hidden: 1, internal: 1 }, states: 'hidden' })).toThrow(/leave states out/);
  expect(refused({ slots: 3, states: 'mixed' })).toThrow(/how many of each/);
  expect(refused({ states: 'internal' })).toThrow(/give slots or bytes/);
  expect(refused({ bytes: 0 })).toThrow(/bytes must be a number above 0/);
  expect(refused({ bytes: NaN })).toThrow(/bytes must be a number above 0/);
  expect(refused({ segment: Infinity })).toThrow(/segment is a number of steps/);
  expect(refused({ slow: {} })).toThrow(/slow.store/);
  expect(refused({ slow: { store: { put: 1 } } })).toThrow(/a store of states, such as fileStateStore/);
  const store = { put: () => undefined, get: () => [], delete: () => undefined };
  expect(refused({ slow: { store, slots: 0 } })).toThrow(/slow.slots/);
  const windows = { updateEvery: 2, checkpoints: { segments: 2 } } as object;
  expect(() => truncatedBptt(windows as never)).toThrow(/truncatedBptt: there is no option "checkpoints.segments"/);
  for (const [checkpoints, words] of [
    [{ slots: 0 }, 'truncatedBptt: checkpoints.slots is a number of states'],
    [{ slots: { hidden: 0, internal: 1 } }, 'truncatedBptt: checkpoints.slots.hidden'],
    [{ segment: 0 }, 'truncatedBptt: checkpoints.segment'],
    [{ bytes: -1 }, 'truncatedBptt: checkpoints.bytes'],
    [{ slow: { store, slots: 0 } }, 'truncatedBptt: checkpoints.slow.slots'],
  ] as const)
    expect(() => truncatedBptt({ updateEvery: 2, checkpoints })).toThrow(words);
  scope(() => {
    const { task } = stackedTask('rnn', { time: 1 });
    expect(() => checkpointedBptt().start({ ...task, causal: false })).toThrow(/cannot be cut/);
  });
});
