import { disposeTree, foldInName, keep, key as keyOf, type Strategy } from '@tempograd/core';
import { adam, adamw, type Optimiser, type SequenceModel } from '@tempograd/nn';
import { UsageError } from '../Failure.js';
import { count, counted } from '../present/format.js';
import type { TrainView } from '../present/TrainView.js';
import type { StoredRun } from './checkpointFile.js';
import { itemsEvaluated, trainingData, type Corpus } from './corpus.js';
import type { Interrupt } from '../interrupt.js';
import { hasModel } from './hasModel.js';
import { measureSpeed } from './measureSpeed.js';
import { milestones } from './runPlan.js';
import { scheduleOf, updatesOf, type Phase } from './schedule.js';
import type { TrainSettings } from './settings.js';

const defaultMinutes = 3;

/** The share of the time asked for that is planned: the rest is for samples, and for a machine that grows busy. */
const plannedShare = 0.92;

/** How much faster evaluation is than training. */
const evaluationSpeed = 3;

/** Without a length asked for, a text is not gone through more often than this: more would teach it by heart. */
const mostPasses = 20;

const leastUpdates = 20;

/** What a training that is gone on with begins with, as a share of its first learning rate. */
const laterRate = 0.5;

/** What a length is decided by. */
export interface LengthRequest {
  readonly request: { readonly minutes?: number; readonly updates?: number };
  readonly stored: StoredRun | null;
  /** Where the model goes. */
  readonly file: string;
  readonly settings: TrainSettings;
  readonly model: SequenceModel;
  readonly corpus: Corpus;
  readonly strategy: Strategy;
  readonly interrupt: Interrupt;
  readonly view: TrainView;
}

/**
 * Adam with the schedule of these phases, AdamW where weights decay. Its averages are shorter than usual: in a few thousand updates
 * long ones do not pay.
 */
export function optimiserOf(phases: readonly Phase[], { weightDecay }: Pick<TrainSettings, 'weightDecay'>): Optimiser {
  const settings = { learningRate: scheduleOf(phases), beta1: 0.8, beta2: 0.99 };
  return weightDecay === 0 ? adam(settings) : adamw({ ...settings, weightDecay });
}

/**
 * The phases of a training, decided once and kept in its checkpoints: a run that was stopped must go on with the same learning
 * rates. Where no number of updates is given it comes from the speed (items a second), which is measured. A complete run without
 * its model gets none: there is the model to write.
 * @throws UsageError when an unfinished run is given another length.
 */
export async function phasesOf(asked: LengthRequest): Promise<{ phases: readonly Phase[]; speed: number | null }> {
  const { request, stored, settings } = asked;
  const { learningRate } = settings;
  if (stored === null) {
    const { updates, speed } = await lengthOf(asked);
    return { phases: [{ updates, learningRate }], speed };
  }
  const { phases } = stored.plan;
  if (stored.done < updatesOf(phases)) {
    if (request.updates === undefined && request.minutes === undefined) return { phases, speed: null };
    throw new UsageError(
      `The training has ${count(updatesOf(phases) - stored.done)} of ${counted(updatesOf(phases), 'update')} to go, and its learning rate is planned for them. ` +
        'Leave --minutes and --updates out; when it is finished, --resume trains for longer.',
    );
  }
  if (request.updates === undefined && request.minutes === undefined && !(await hasModel(asked.file, stored.done))) {
    asked.view.note(`The training was complete, but ${asked.file} is not its model: it is written now.`);
    return { phases, speed: null };
  }
  const { updates, speed } = await lengthOf(asked);
  return { phases: [...phases, { updates, learningRate: laterRate * learningRate }], speed };
}

async function lengthOf(asked: LengthRequest): Promise<{ updates: number; speed: number | null }> {
  const { request, settings, corpus } = asked;
  if (request.updates !== undefined) return { updates: request.updates, speed: null };
  const perUpdate = settings.batch * settings.steps;
  const speed = perUpdate * (await updatesPerSecond(asked));
  const inAll = (request.minutes ?? defaultMinutes) * 60 * plannedShare * speed;
  const inTime = Math.max(inAll / 2, inAll - itemsEvaluated(corpus, milestones.length) / evaluationSpeed);
  const enough = request.minutes === undefined ? mostPasses * corpus.training.length : Infinity;
  return { updates: Math.max(leastUpdates, Math.round(Math.min(inTime, enough) / perUpdate)), speed };
}

async function updatesPerSecond({
  settings,
  model,
  corpus,
  strategy,
  interrupt,
  view,
}: LengthRequest): Promise<number> {
  view.note('Measuring the speed …');
  const key = foldInName(keyOf(settings.seed), 'speed');
  const params = keep(model.init(key));
  try {
    return await measureSpeed({
      task: model,
      params,
      data: trainingData(corpus, settings.batch, settings.steps),
      strategy,
      optimiser: optimiserOf([{ updates: 100_000, learningRate: settings.learningRate }], settings),
      clip: { norm: settings.clip },
      key,
      signal: interrupt.signal,
    });
  } finally {
    disposeTree(params);
  }
}
