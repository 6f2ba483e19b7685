import { disposeTree, foldInName, fullBptt, key } from '@tempograd/core';
import { adam, fit, sequenceModel } from '@tempograd/nn';
import type { MemoryTask } from './MemoryTask.js';
import type { Start } from './starts.js';

/** How every start is trained. */
export interface RaceSettings {
  readonly hidden: number;
  readonly batch: number;
  readonly updates: number;
  readonly learningRate: number;
  readonly seed: number;
}

/** How one start fared. */
export interface Runner {
  readonly name: string;
  /** `[update, mean loss of the updates since the point before]`, of sequences that were never seen before. */
  readonly losses: readonly (readonly [number, number])[];
  /** Updates until the loss stayed under 0.9 of the blind one to the end; null where it did not. */
  readonly beatBlind: number | null;
  /** Updates until the loss fell under a tenth of the blind one; null where it did not. */
  readonly solved: number | null;
}

/** Updates whose losses make a point. */
const every = 50;

/**
 * Trains a start on a task by full BPTT with Adam, gradients clipped to norm 1, until it has solved it and half as many
 * updates again have shown that it keeps it, or for all updates. All starts are shown the same sequences.
 */
export async function runStart(
  { name, settings }: Start,
  task: MemoryTask,
  { hidden, batch, updates, learningRate, seed }: RaceSettings,
  onUpdate: (update: number) => void,
): Promise<Runner> {
  const model = sequenceModel({ ...task.model, ...settings, hidden });
  const params = model.init(foldInName(key(seed), 'start'));
  const losses: [number, number][] = [];
  let sum = 0;
  const training = fit({
    task: model,
    params,
    data: task.data(batch, seed),
    strategy: fullBptt(),
    optimiser: adam({ learningRate }),
    clip: { norm: 1 },
    updates,
  });
  for await (const { update, loss } of training) {
    onUpdate(update);
    sum += loss / every;
    if (update % every !== 0) continue;
    losses.push([update, sum]);
    sum = 0;
    const solved = firstUnder(losses, task.blind / 10);
    if (solved !== null && update >= 1.5 * solved) break;
  }
  disposeTree(params);
  return { name, losses, beatBlind: underFrom(losses, 0.9 * task.blind), solved: firstUnder(losses, task.blind / 10) };
}

function firstUnder(losses: readonly (readonly [number, number])[], bound: number): number | null {
  return losses.find(([, loss]) => loss < bound)?.[0] ?? null;
}

/** The point from which on all are under the bound. */
function underFrom(losses: readonly (readonly [number, number])[], bound: number): number | null {
  const over = losses.findLastIndex(([, loss]) => !(loss < bound));
  return losses[over + 1]?.[0] ?? null;
}
