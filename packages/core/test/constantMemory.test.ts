import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import {
  cellTask,
  foldIn,
  key,
  lstmCell,
  mul,
  normal,
  scope,
  sum,
  truncatedBptt,
  withBackend,
  type RecurrentParams,
  type Strategy,
  type Tensor,
} from '../src/index.js';

const [hidden, inputs, chunk] = [2, 1, 200];

/** The most that is live in updates up to 10³ steps, and from there to the end, beyond what is there before. */
function peaksOf(strategy: Strategy, steps: number): { readonly early: number; readonly late: number } {
  const backend = createBackend();
  return withBackend(backend, () =>
    scope(() => {
      const draw = (seed: number, shape: number[]): Tensor => normal(foldIn(key(1), seed), shape);
      const params: RecurrentParams = {
        weight_ih: draw(1, [4 * hidden, inputs]),
        weight_hh: draw(2, [4 * hidden, hidden]),
      };
      const task = cellTask(lstmCell({ hiddenSize: hidden }), {
        input: (x: Tensor) => x,
        loss: (_, output) => sum(mul(output, output)),
      });
      const stretch = draw(3, [chunk, 1, inputs]);
      const before = backend.memory().bytes;
      const run = strategy.start(task, { key: key(2) });
      let [early, late] = [0, 0];
      for (let at = 0; at < steps; at += chunk) {
        for (const { peakBytes } of run.push(params, stretch)) {
          if (at < 1000) early = Math.max(early, peakBytes - before);
          else late = Math.max(late, peakBytes - before);
        }
      }
      run.dispose();
      expect(backend.memory().bytes).toBe(before);
      return { early, late };
    }),
  );
}

const windows = { updateEvery: 200, backwardSteps: 500 } as const;

test.each<[string, Strategy, number]>([
  ['as they ran', truncatedBptt(windows), 100_000],
  ['run again', truncatedBptt({ ...windows, staleness: 'recompute' }), 10_000],
  ['of which few states are kept', truncatedBptt({ ...windows, checkpoints: { segment: 50 } }), 10_000],
  ['that are no multiple of the interval', truncatedBptt({ updateEvery: 70, backwardSteps: 171 }), 10_000],
])('windows that overlap, %s, take as much in a thousand steps as in all that follow', (_, strategy, steps) => {
  const { early, late } = peaksOf(strategy, steps);
  expect(late).toBe(early);
  expect(early).toBeGreaterThan(0);
});
