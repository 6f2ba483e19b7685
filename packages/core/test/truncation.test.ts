import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import {
  cellTask,
  countedLosses,
  creditMatrix,
  disposeTree,
  foldIn,
  fullBptt,
  gruCell,
  key,
  linear,
  lstmCell,
  mul,
  normal,
  rnnCell,
  scope,
  sgdStep,
  sliceAxis,
  sub,
  sum,
  treeLeaves,
  treeMap,
  truncatedBptt,
  truncationMask,
  type Cell,
  type RecurrentParams,
  type SequenceTask,
  type Strategy,
  type Tensor,
} from '../src/index.js';
import { leavesNothingOn } from './fixtures/leavesNothing.js';

const backend = createBackend();
const f64 = { dtype: 'f64' } as const;
const [inputs, hidden, batch] = [2, 3, 2];

interface Params {
  cell: RecurrentParams;
  head: Tensor;
}
interface Stretch {
  x: Tensor;
  y: Tensor;
}

const draw = (seed: number, shape: number[]): Tensor => normal(foldIn(key(7), seed), shape, f64);

function setUp<C>(cell: Cell<RecurrentParams, C>, gates: number, time: number) {
  const params: Params = {
    cell: {
      weight_ih: draw(1, [gates * hidden, inputs]),
      weight_hh: draw(2, [gates * hidden, hidden]),
      bias_ih: draw(3, [gates * hidden]),
      bias_hh: draw(4, [gates * hidden]),
    },
    head: draw(5, [1, hidden]),
  };
  const inner = cellTask<RecurrentParams, C, Stretch, Tensor, Tensor>(cell, {
    input: ({ x }) => x,
    loss: () => {
      throw new Error('unused');
    },
  });
  const task: SequenceTask<Params, C, Stretch, Tensor> = {
    initialCarry: (p, stretch) => inner.initialCarry(p.cell, stretch),
    forward: (p, carry, stretch, context) => inner.forward(p.cell, carry, stretch, context),
    loss: (p, output, { y }) => {
      const error = sub(linear(output, p.head), y);
      return sum(mul(error, error));
    },
  };
  const stretch: Stretch = { x: draw(6, [time, batch, inputs]), y: draw(8, [time, batch, 1]) };
  return { params, task, stretch };
}

/** All updates of a sequence added up, at frozen parameters, pushed in pieces of `pushed` steps. */
function total<P, C, S, O>(strategy: Strategy, task: SequenceTask<P, C, S, O>, params: P, stretches: S[]) {
  const run = strategy.start(task);
  let gradient: Float64Array | null = null;
  let loss = 0;
  const lossSteps: number[] = [];
  const collect = (update: { gradient: P; loss: Tensor; lossSteps: { from: number; to: number } }): void => {
    const flat = Float64Array.from(treeLeaves(update.gradient).flatMap((leaf) => [...leaf.readSync()]));
    gradient = gradient === null ? flat : gradient.map((value, index) => value + (flat[index] as number));
    loss += update.loss.readSync()[0] as number;
    for (let s = update.lossSteps.from; s < update.lossSteps.to; s++) lossSteps.push(s);
  };
  for (const stretch of stretches) for (const update of run.push(params, stretch)) collect(update);
  for (const update of run.finish(params)) collect(update);
  run.dispose();
  return { gradient: gradient as unknown as Float64Array, loss, lossSteps };
}

function expectClose(actual: Float64Array, expected: Float64Array, tolerance: number, what: string): void {
  const scale = Math.max(...expected.map(Math.abs), 1);
  const worst = Math.max(...actual.map((value, index) => Math.abs(value - (expected[index] as number)))) / scale;
  expect(worst, what).toBeLessThan(tolerance);
}

const cells = {
  rnn: [rnnCell({ hiddenSize: hidden }), 1],
  lstm: [lstmCell({ hiddenSize: hidden }), 4],
  gru: [gruCell({ hiddenSize: hidden }), 3],
} as unknown as Record<string, [Cell<RecurrentParams, unknown>, number]>;

leavesNothingOn(backend);

describe.each(Object.keys(cells))('%s', (name) => {
  const [cell, gates] = cells[name] as [Cell<RecurrentParams, unknown>, number];
  const time = 7;

  test('every truncation is its mask times the credit matrix', () => {
    scope(() => {
      const { params, task, stretch } = setUp(cell, gates, time);
      const oracle = creditMatrix(task, params, stretch);
      expectClose(total(fullBptt(), task, params, [stretch]).gradient, oracle.masked(), 1e-12, 'full');
      for (let updateEvery = 1; updateEvery <= time + 1; updateEvery++) {
        for (let backwardSteps = 1; backwardSteps <= time + 1; backwardSteps++) {
          for (const lossScope of ['interval', 'last'] as const) {
            const options = { time, updateEvery, backwardSteps, lossScope };
            const expected = oracle.masked(truncationMask(options), countedLosses(options));
            for (const staleness of ['stored', 'recompute'] as const) {
              const what = `u=${updateEvery} b=${backwardSteps} ${lossScope} ${staleness}`;
              const result = total(truncatedBptt({ updateEvery, backwardSteps, lossScope, staleness }), task, params, [
                stretch,
              ]);
              expectClose(result.gradient, expected, 1e-12, what);
              if (lossScope === 'interval')
                expect(result.lossSteps, what).toEqual(Array.from({ length: time }, (_, s) => s));
            }
          }
        }
      }
    });
  });

  test('how a sequence is cut for pushing does not matter', () => {
    scope(() => {
      const { params, task, stretch } = setUp(cell, gates, time);
      const strategy = truncatedBptt({ updateEvery: 3, backwardSteps: 5 });
      const whole = total(strategy, task, params, [stretch]);
      const steps = Array.from({ length: time }, (_, t) => treeMap(stretch, (leaf) => sliceAxis(leaf, t, t + 1)));
      expectClose(total(strategy, task, params, steps).gradient, whole.gradient, 1e-13, 'single steps');
    });
  });

  test('a run that goes on from a snapshot gives the same updates, with parameters that move', () => {
    for (const staleness of ['stored', 'recompute'] as const) {
      const strategy = truncatedBptt({ updateEvery: 2, backwardSteps: 5, staleness });
      expect(train(strategy, 3), staleness).toEqual(train(strategy, null));
    }
    function train(strategy: Strategy, interruptAfter: number | null): number[] {
      return scope(() => {
        const { params, task, stretch } = setUp(cell, gates, 11);
        const losses: number[] = [];
        let run = strategy.start(task);
        const parts = [0, 2, 4, 6, 8, 10].map((from) =>
          treeMap(stretch, (leaf) => sliceAxis(leaf, from, Math.min(from + 2, 11))),
        );
        parts.forEach((part, index) => {
          if (index === interruptAfter) {
            const snapshot = run.snapshot();
            run.dispose();
            run = strategy.start(task, { snapshot });
            disposeTree([
              snapshot.carry,
              snapshot.pending,
              snapshot.pieces.map(({ params: p, carry, stretch: s }) => [p, carry, s]),
            ]);
          }
          const updates = index === 5 ? [run.push(params, part), run.finish(params)] : [run.push(params, part)];
          for (const generator of updates) {
            for (const update of generator) {
              losses.push(update.loss.readSync()[0] as number);
              const gradients = treeLeaves(update.gradient);
              treeLeaves(params).forEach((leaf, i) => {
                const controls = { learningRate: 0.01, step: losses.length };
                const settings = { momentum: 0, nesterov: false, weightDecay: 0 };
                sgdStep(leaf, gradients[i] as Tensor, { velocity: null }, controls, settings);
              });
            }
          }
        });
        run.dispose();
        return losses;
      });
    }
  });
});
