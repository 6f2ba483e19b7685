import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import { checkpointedBptt, key, scope, type CheckpointOptions } from '../../src/index.js';
import { onOneTape, outcomeOf, parts, stackedTask, type Kind } from './support.js';
import { leavesNothingOn } from '../fixtures/leavesNothing.js';

const backend = createBackend();

leavesNothingOn(backend);

const budgets: [string, CheckpointOptions][] = [
  ['about √T segments', {}],
  ['hidden, 1 slot', { slots: 1 }],
  ['hidden, 3 slots', { slots: 3 }],
  ['internal, 1 slot', { slots: 1, states: 'internal' }],
  ['internal, 3 slots', { slots: 3, states: 'internal' }],
  ['both', { slots: { hidden: 2, internal: 2 } }],
  ['everything', { slots: Infinity }],
];

describe.each(['lstm', 'gru', 'rnn', 'own'] as Kind[])('%s, two layers, dropout, mask', (kind) => {
  test.each(['f64', 'f32'] as const)('full backpropagation over the same segments, to the bit, %s', (dtype) => {
    scope(() => {
      for (const time of [1, 7]) {
        const { task, params, stretch } = stackedTask(kind, { time, dtype });
        for (const [name, budget] of budgets) {
          for (const segment of time === 1 ? [1] : [1, 3]) {
            const what = `${name}, T ${time}, segments of ${segment}`;
            const strategy = checkpointedBptt({ ...budget, segment });
            const found = outcomeOf(strategy, task, params, [stretch], { key: key(3) });
            const expected = onOneTape(task, params, stretch, segment, { key: key(3) });
            expect(
              found.updates.map(({ bits }) => bits),
              what,
            ).toEqual([expected.bits]);
            expect(found.carry, what).toEqual(expected.carry);
          }
        }
      }
    });
  });
});

test('how a sequence is cut for pushing does not matter', () => {
  scope(() => {
    const { task, params, stretch } = stackedTask('gru', { time: 23 });
    const whole = outcomeOf(checkpointedBptt(), task, params, [stretch]);
    for (const lengths of [[5, 1, 17], Array.from({ length: 23 }, () => 1)]) {
      expect(outcomeOf(checkpointedBptt(), task, params, parts(stretch, lengths)).updates[0]?.bits).toEqual(
        whole.updates[0]?.bits,
      );
    }
  });
});
