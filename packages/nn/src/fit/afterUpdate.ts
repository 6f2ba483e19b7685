import { watchedValue } from '../watch/index.js';
import type { TakenStep } from './EnqueuedUpdate.js';
import { evaluate } from './evaluate.js';
import type { FitOptions } from './FitOptions.js';
import type { Saver } from './Saver.js';
import type { TrainingRun } from './TrainingRun.js';
import type { TrainingStep } from './TrainingStep.js';

/** What is done after an update, when nothing is enqueued beyond it: evaluates, shows the result to who watches it, and saves. */
export async function afterUpdate<P, C, S, O>(
  options: FitOptions<P, C, S, O>,
  { stopping }: TrainingRun<P, C, S, O>,
  saver: Saver<P, C, S, O>,
  taken: TakenStep,
): Promise<TrainingStep> {
  const { task, params, optimiser, evaluate: asked } = options;
  const evaluates = asked !== undefined;
  const evaluation =
    asked !== undefined && taken.update % asked.every === 0
      ? await evaluate({
          task,
          params: asked.params ?? params,
          data: asked.data,
          metrics: asked.metrics ?? {},
        }).catch((cause: unknown) => saver.saveBefore(cause))
      : null;
  const seen = { loss: taken.loss, evaluation };
  const { watch } = optimiser.learningRate;
  if (watch !== undefined) {
    const value = watchedValue('reduceOnPlateau', watch.metric, seen, evaluates);
    if (value !== null) watch.see(value);
  }
  stopping?.see(taken.update, seen, evaluates);
  if (saver.isDue) await saver.save();
  taken.evaluation = evaluation;
  taken.best = stopping?.best ?? null;
  taken.saved = saver.update === taken.update;
  return taken;
}
