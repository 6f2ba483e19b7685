import { disposeTree, foldIn, foldInName, shareTree, type Key } from '@tempograd/core';
import type { OptimiserState } from '../optim/index.js';
import { shareOf } from './average.js';
import type { Counters } from './Counters.js';
import { EnqueuedUpdate } from './EnqueuedUpdate.js';
import { enqueueUpdate, type ReadUpdate, type StepSettings } from './enqueueUpdate.js';
import type { FitOptions } from './FitOptions.js';
import type { HealthWatch } from './health/HealthWatch.js';
import { releaseCounts, type StepGradient } from './GradientSum.js';
import { checkDeviation } from './noisy.js';
import type { TrainableTask } from './TrainableTask.js';
import type { FailureTrees } from './SequenceRun.js';
import type { TrainingPosition } from './TrainingPosition.js';

/** Where a run takes a step. */
export interface StepPlace<P, C, S, O> {
  readonly optimiserState: OptimiserState<P>;
  readonly counters: Counters;
  /** That of the run. */
  readonly key: Key;
  readonly epoch: number;
  /** Where the data goes on. */
  readonly position: TrainingPosition;
  readonly sequence: number;
  /** Null where no health is asked for. */
  readonly health: HealthWatch<P, C, S, O> | null;
  /** Steps at hand and the carry before them, taken over. */
  readonly trees: FailureTrees;
}

/** Enqueues a step of the optimiser by a gradient, which is borrowed with its loss; count and normaliser are taken over. */
export function takeStep<P, C, S, O>(
  options: FitOptions<P, C, S, O>,
  step: StepGradient<P>,
  { optimiserState: state, counters, key, epoch, position, sequence, health, trees }: StepPlace<P, C, S, O>,
): EnqueuedUpdate<P> {
  const { task, params, optimiser, clip = null, average } = options;
  const { update } = step;
  const held = { data: trees.data, carry: trees.carry, gradient: shareTree(update.gradient as unknown) };
  try {
    const learningRate = optimiser.learningRate(state.step);
    const noise = noiseOf(options, state.step, key);
    const following =
      average === undefined ? null : { params: average.params, share: shareOf(average, counters.update) };
    const enqueue = (): Promise<ReadUpdate> =>
      enqueueUpdate(step, { params, optimiser, state, clip, noise, average: following });
    const { taken: read, looked } = health === null ? { taken: enqueue(), looked: null } : health.step(step, enqueue);
    // All names written out, here and where they are told: an object that grows by a spread costs more than small steps compute.
    const facts = {
      update: counters.count(),
      epoch,
      lossSteps: update.lossSteps,
      parameterSteps: update.parameterSteps,
      droppedLosses: update.droppedLosses,
      forwardSteps: update.forwardSteps,
      backwardSteps: update.backwardSteps,
      unbiased: update.unbiased,
      truncation: update.truncation ?? null,
      learningRate,
      position,
      peakBytes: update.loss.backend.memory().peakBytes,
    };
    const where = `epoch ${epoch}, steps ${update.lossSteps.from} to ${update.lossSteps.to} of sequence ${sequence}`;
    const faultOf = (): Promise<string | null> => firstFault(task, held.data, trees.begins);
    const clipped = clip !== null;
    return new EnqueuedUpdate<P>({ read, facts, counters, params, held, faultOf, clipped, where, health, looked });
  } catch (error) {
    disposeTree(held);
    releaseCounts(step);
    throw error;
  }
}

function noiseOf<P, C, S, O>(
  { gradientNoise = 0 }: FitOptions<P, C, S, O>,
  step: number,
  key: Key,
): StepSettings<P>['noise'] {
  const deviation = typeof gradientNoise === 'function' ? gradientNoise(step) : gradientNoise;
  checkDeviation('gradientNoise', deviation);
  return deviation === 0 ? null : { deviation, key: foldIn(foldInName(key, 'gradient'), step) };
}

/** What of the stretches of an update does not fit the task; `data` is one or a list. */
async function firstFault<P, C, S, O>(
  task: TrainableTask<P, C, S, O>,
  data: unknown,
  begins: readonly number[],
): Promise<string | null> {
  const stretches = begins.length === 1 ? [data] : (data as readonly unknown[]);
  for (const [index, from] of begins.entries()) {
    const fault = (await task.faultOf?.(stretches[index] as S, from)) ?? null;
    if (fault !== null) return fault;
  }
  return null;
}
