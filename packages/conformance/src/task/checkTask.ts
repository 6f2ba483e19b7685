import {
  ArgumentError,
  key as makeKey,
  LifetimeError,
  treeEntries,
  type Key,
  type SequenceTask,
} from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { causalOnly, keptPromises } from './keptPromises.js';
import { TaskError, type TaskPromise } from './TaskError.js';
import { Trial } from './Trial.js';
import { compare, read } from './trees.js';

/** How a task is tried. */
export interface CheckTaskOptions {
  /** Names the random numbers of the run, for tasks that draw some; default is `key(1)`. Null tries the task as in evaluation. */
  readonly key?: Key | null;
}

const checkTaskTable = optionTable<CheckTaskOptions>({ key: 'key or null' });

/** Which promises a task kept. */
export interface TaskReport {
  readonly kept: readonly TaskPromise[];
  /** Those that it does not give. */
  readonly notPromised: readonly TaskPromise[];
}

/**
 * Tries whether a task keeps what strategies rely on: a whole equals its parts, values and gradients, whatever the cut; losses add
 * up; a loss looks at its own step and forward at no later one; the initial carry fits; random numbers come again with their key;
 * nothing is changed or left behind; the gradient is that of finite differences. All arguments are borrowed. A stretch of 4 to 8
 * steps is enough, and f64 tells most: differences in f32 see faults of a percent.
 * @throws TaskError naming the promise that is broken, where, and what to do; whatever the task throws.
 */
export async function checkTask<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: P,
  stretch: S,
  options: CheckTaskOptions = {},
): Promise<TaskReport> {
  checkOptions('checkTask', options, checkTaskTable);
  const { key = makeKey(1) } = options;
  const trial = new Trial(task, params, stretch, timeOf(stretch), key) as unknown as Trial<
    unknown,
    unknown,
    unknown,
    unknown
  >;
  const before = await read({ params, stretch });
  const { buffers } = trial.backend.memory();
  const notPromised = task.causal === false ? causalOnly : [];
  const kept = new Set<TaskPromise>();
  for (const [promise, look] of keptPromises) {
    if (notPromised.includes(promise)) continue;
    try {
      await look(trial);
      compare('nothing changed', `after looking at "${promise}"`, await read({ params, stretch }), before, 0);
    } catch (cause) {
      if (!(cause instanceof LifetimeError)) throw cause;
      throw new TaskError(
        'nothing changed',
        `a tensor was used after it was disposed of, while looking at "${promise}"`,
        { cause },
      );
    }
    kept.add(promise);
    const left = trial.backend.memory().buffers - buffers;
    if (left > 0) throw new TaskError('nothing left', `${left} buffers are left after looking at "${promise}"`);
  }
  return { kept: [...kept, 'nothing changed', 'nothing left'], notPromised };
}

/** Steps of a stretch. */
function timeOf(stretch: unknown): number {
  const leaves = treeEntries(stretch);
  const [time = 0] = leaves[0]?.[1].shape ?? [];
  for (const [path, { shape }] of leaves) {
    if (shape.length > 0 && shape[0] === time && time >= 2) continue;
    throw new ArgumentError(
      `checkTask: the stretch must be a tree of [time, …] tensors of one time, 2 steps or more; "${path}" is [${String(shape)}].`,
    );
  }
  if (leaves.length === 0) throw new ArgumentError('checkTask: the stretch holds no tensor, so that it has no steps.');
  return time;
}
