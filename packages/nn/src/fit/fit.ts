import { disposeTree } from '@tempograd/core';
import { DataError, type DataStretch } from '../data/index.js';
import { checkResume, restoreRun } from './checkpoint/restore.js';
import { takeCheckpoint } from './checkpoint/save.js';
import { requireFinite } from './DivergenceError.js';
import { evaluate, madeLike } from './evaluate.js';
import { checkFitOptions, type FitOptions, type TrainingStep } from './FitOptions.js';
import { nextUnlessAborted } from './nextUnlessAborted.js';
import { TrainingRun, type TakenStep } from './TrainingRun.js';

/** A training under way: iterate over it with `for await`; each step is one update. Breaking off ends it and frees what it holds. */
export type Training = AsyncGenerator<TrainingStep, void, void>;

/**
 * Trains: an update whenever the strategy has a gradient, until the updates or epochs asked for are done or the signal aborts.
 *
 * The gradient is that of the mean loss, with ONE normaliser for a whole sequence: the items of a full update, so that a short
 * last update weighs by its steps. The carry passes from stretch to stretch and starts anew where a sequence ends. Nothing needs
 * to be disposed of; `params` are changed in place and hold the trained values.
 *
 * @throws ArgumentError, CheckpointError at once when options make no sense; while iterating, DivergenceError when loss or gradient
 * are not finite (nothing is changed then) or an update has spoilt the parameters (no checkpoint is taken of them), DataError when the data gives nothing.
 */
export function fit<P, C, S, O>(options: FitOptions<P, C, S, O>): Training {
  checkFitOptions(options);
  if (options.resume) checkResume(options, options.resume);
  return train(options);
}

async function* train<P, C, S, O>(options: FitOptions<P, C, S, O>): Training {
  const { params, data, signal, updates = Infinity, checkpoint, resume = null } = options;
  const epochs = options.epochs ?? (updates === Infinity ? 1 : Infinity);
  const run = resume === null ? new TrainingRun(options, null) : restoreRun(options, resume);
  let saved = resume === null ? 0 : run.update;
  let savedAt = performance.now();
  const goesOn = (): boolean => signal?.aborted !== true && run.update < updates;
  const save = async (): Promise<void> => {
    if (checkpoint === undefined || saved === run.update) return;
    const taken = await takeCheckpoint(run, params, checkpoint.metadata ?? {});
    requireFinite(taken, run.lastGood, !!options.clip);
    await checkpoint.store.save(taken);
    saved = run.update;
    savedAt = performance.now();
  };
  const isLate = (): boolean => performance.now() - savedAt >= 1000 * (checkpoint?.everySeconds ?? Infinity);
  const complete = async (step: TakenStep): Promise<TrainingStep> => {
    if (isDue(step.update, checkpoint?.every) || isLate()) await save();
    const evaluation = isDue(step.update, options.evaluate?.every) ? await evaluateNow(options) : null;
    return { ...step, evaluation, saved: saved === step.update };
  };
  try {
    while (goesOn() && run.position.epoch < epochs) {
      const stretches = data.open(run.position, madeLike(params))[Symbol.asyncIterator]();
      let current: DataStretch<S> | null = null;
      try {
        while (goesOn()) {
          const next = await nextUnlessAborted(stretches, signal);
          if (next === null) break;
          if (next.done === true) {
            requireSome(run.position);
            const step = await run.endSequence();
            run.endEpoch();
            if (step !== null) yield await complete(step);
            break;
          }
          current = next.value;
          const { index } = run.position;
          while (goesOn() && run.position.index === index) {
            const step = await run.advance(current.stretch, current.ends);
            if (step !== null) yield await complete(step);
          }
          disposeTree(current.stretch);
          current = null;
        }
      } finally {
        if (current !== null) disposeTree(current.stretch);
        const closed = stretches.return?.();
        if (signal?.aborted !== true) await closed;
      }
    }
    run.accept(null);
    await save();
  } finally {
    run.dispose();
  }
}

function evaluateNow<P, C, S, O>({
  task,
  params,
  evaluate: asked,
}: FitOptions<P, C, S, O>): ReturnType<typeof evaluate> {
  return evaluate({ task, params, data: (asked as NonNullable<typeof asked>).data });
}

function isDue(update: number, every: number | undefined): boolean {
  return every !== undefined && update % every === 0;
}

function requireSome({ epoch, index }: { readonly epoch: number; readonly index: number }): void {
  if (index > 0) return;
  throw new DataError(
    `fit: the data gave nothing in epoch ${epoch}. ` +
      (epoch === 0
        ? 'Look whether its source is empty or too short.'
        : 'An async iterable that can be read once only trains one epoch: pass a function that opens it anew, or epochs: 1.'),
  );
}
