import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import {
  disposeTree,
  key,
  scope,
  sgdStep,
  treeLeaves,
  truncatedBptt,
  type RunSnapshot,
  type Strategy,
  type Tensor,
  type TruncatedBpttOptions,
} from '../../src/index.js';
import { bitsOf, outcomeOf, parts, stackedTask, type Kind } from './support.js';
import { leavesNothingOn } from '../fixtures/leavesNothing.js';

const backend = createBackend();

leavesNothingOn(backend);

const controls = { learningRate: 0.01, step: 1 };
const plain = { momentum: 0, nesterov: false, weightDecay: 0 };

/** A step of gradient descent, in place. */
function descend<P>(params: P, gradient: P): void {
  const gradients = treeLeaves(gradient);
  treeLeaves(params).forEach((leaf, index) => {
    sgdStep(leaf, gradients[index] as Tensor, { velocity: null }, controls, plain);
  });
}

const regimes: TruncatedBpttOptions[] = [
  { updateEvery: 4 },
  { updateEvery: 3, backwardSteps: 7, staleness: 'stored' },
  { updateEvery: 3, backwardSteps: 7, staleness: 'recompute' },
  { updateEvery: 2, backwardSteps: 5, lossScope: 'last' },
  { updateEvery: 6, backwardSteps: 2 },
  { updateEvery: 1, backwardSteps: 4, staleness: 'stored' },
  { updateEvery: 5, backwardSteps: 100, staleness: 'recompute' },
  { updateEvery: 4, backwardSteps: 6, lossScope: (step) => step % 3 },
];

describe('long windows', () => {
  test.each(regimes)('with few states kept are those with all kept, while parameters move: %j', (regime) => {
    const kind: Kind = regime.staleness === undefined ? 'own' : 'lstm';
    const trained = (checkpoints: TruncatedBpttOptions['checkpoints'], pushes: number[]): unknown =>
      scope(() => {
        const { task, params, stretch } = stackedTask(kind, { time: 9, batch: 1 });
        const strategy = truncatedBptt({ ...regime, ...(checkpoints && { checkpoints }) });
        const found = outcomeOf(strategy, task, params, parts(stretch, pushes), {
          key: key(3),
          between: ({ gradient }) => descend(params, gradient),
        });
        const updates = found.updates.map(({ bits, lossSteps, parameterSteps }) => ({
          bits,
          lossSteps,
          parameterSteps,
        }));
        return { updates, carry: found.carry, params: bitsOf(params) };
      });
    const segment = 1 + (regime.updateEvery % 2);
    const all = trained({ slots: Infinity, states: 'internal', segment }, [9]);
    for (const budget of [{ slots: 2 }, { slots: 2, states: 'internal' }, {}] as const)
      expect(trained({ ...budget, segment }, [5, 1, 3]), JSON.stringify(budget)).toEqual(all);
    // In one segment each, windows are cut as without checkpoints: where nothing lies before a window, the same bits.
    if ((regime.backwardSteps ?? 4) >= regime.updateEvery)
      expect(trained({ slots: 1, segment: 100 }, [9])).toEqual(trained(undefined, [9]));
  });
});

test.each([
  ['stored', 'few', 'few'],
  ['recompute', 'few', 'few'],
  ['stored', 'few', 'all'],
  ['stored', 'all', 'few'],
  ['recompute', 'few', 'all'],
] as const)(
  'a run with staleness %s goes on from a snapshot, from %s states kept to %s',
  (staleness, before, after) => {
    // Whole pieces as segments, as a run that keeps everything has them.
    const strategies: Record<'few' | 'all', Strategy> = {
      few: truncatedBptt({ updateEvery: 2, backwardSteps: 5, staleness, checkpoints: { slots: 1, segment: 9 } }),
      all: truncatedBptt({ updateEvery: 2, backwardSteps: 5, staleness }),
    };
    const trained = (interrupted: boolean): string[][] =>
      scope(() => {
        const { task, params, stretch } = stackedTask('gru', { time: 11, batch: 1 });
        const [first, second] = parts(stretch, [7, 4]) as [typeof stretch, typeof stretch];
        const bits: string[][] = [];
        let run = strategies[before].start(task, { key: key(1) });
        const train = (updates: ReturnType<typeof run.push>): void => {
          for (const { gradient, loss } of updates) {
            bits.push(bitsOf([gradient, loss]));
            descend(params, gradient);
          }
        };
        train(run.push(params, first));
        if (interrupted) {
          const snapshot: RunSnapshot = run.snapshot();
          expect(treeLeaves(snapshot.pending)[0]?.shape[0]).toBe(1);
          const kept = snapshot.pieces.map(({ from, stretch: part }) => [from, treeLeaves(part)[0]?.shape[0]]);
          expect(kept).toEqual([
            [3, 1],
            [4, 1],
            [5, 1],
          ]);
          run.dispose();
          run = strategies[after].start(task, { key: key(1), snapshot });
          disposeTree([snapshot.carry, snapshot.pending]);
          for (const piece of snapshot.pieces) disposeTree([piece.carry, piece.params, piece.stretch]);
        }
        train(run.push(params, second));
        train(run.finish(params));
        run.dispose();
        return bits;
      });
    expect(trained(true)).toEqual(trained(false));
  },
);

test('a window of 200 steps holds some of them', () => {
  scope(() => {
    const { task, params, stretch } = stackedTask('rnn', { time: 400, batch: 1 });
    const base = backend.memory().bytes;
    const peakOf = (options: Partial<TruncatedBpttOptions>): number => {
      const strategy = truncatedBptt({ updateEvery: 100, backwardSteps: 200, staleness: 'recompute', ...options });
      const { updates } = outcomeOf(strategy, task, params, parts(stretch, [100, 100, 100, 100]));
      expect(updates.map(({ parameterSteps: { from, to } }) => to - from)).toEqual([100, 200, 200, 200]);
      return Math.max(...updates.map(({ peakBytes }) => peakBytes)) - base;
    };
    const all = peakOf({});
    expect(peakOf({ checkpoints: {} })).toBeLessThan(all / 6);
    expect(peakOf({ checkpoints: { bytes: 20_000 } })).toBeLessThan(20_000);
  });
});
