import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { key as keyOf, type Key, type Strategy } from '@tempograd/core';
import {
  DataError,
  DivergenceError,
  evaluate,
  fit,
  generate,
  monitor,
  type Checkpoint,
  type CheckpointStore,
  type Optimiser,
} from '@tempograd/nn';
import { Failure } from '../Failure.js';
import { saveModel, type Writer } from '../model/modelFile.js';
import { bits } from '../present/format.js';
import type { Progress, Stopped, TrainView } from '../present/TrainView.js';
import { openingOf } from '../text/prompt.js';
import { units } from '../text/unit.js';
import { heldOutData, trainingData, type Corpus } from './corpus.js';
import type { Interrupt } from '../interrupt.js';
import { isSystemError, writeReason } from '../writeReason.js';
import { namingCheckpoint } from './checkpointFile.js';
import { Meter } from './Meter.js';
import { PatientStore, type Unsaved } from './PatientStore.js';
import { checkpointBytes, requireRoom } from './requireRoom.js';
import { healthLooks, milestones, planMetadata, type TrainPlan } from './runPlan.js';
import { divergedFailure, verdictOn, whatToLower } from './verdict.js';

/** Checkpoints in a whole session, the one at its end apart. */
const checkpoints = 8;

/** Of a long session no more than so much is lost, whatever happens. */
const checkpointSeconds = 120;

/** Temperature of samples: below 1, since a model that has learnt for minutes is too unsure. */
const sampleTemperature = 0.7;

/** All that a training needs. */
export interface TrainingJob {
  readonly writer: Writer;
  readonly corpus: Corpus;
  readonly plan: TrainPlan;
  readonly strategy: Strategy;
  readonly optimiser: Optimiser;
  readonly key: Key;
  readonly store: CheckpointStore;
  /** Where to go on from; null at the beginning. */
  readonly resume: Checkpoint | null;
  readonly interrupt: Interrupt;
}

/**
 * Trains, shows it, and saves the model. Gives where it was when it was stopped before its end, else null.
 * @throws Failure when something could not be saved, or nothing was learnt; it says what is whole.
 */
export async function trainModel(job: TrainingJob, view: TrainView): Promise<Stopped | null> {
  const { writer, plan, optimiser, store: files, resume, interrupt } = job;
  const {
    done,
    updates,
    checkpoint,
    settings: { unit },
  } = plan;
  await requireRoom(checkpoint, checkpointBytes(writer.params, optimiser));
  const store = new PatientStore(files, checkpoint, resume === null ? null : done, {
    unsaved: (unsaved) => view.unsaved(unsaved),
    savedAgain: (update) => view.note(`${checkpoint} could be written again, after update ${update}.`),
  });
  const begin = performance.now();
  const meter = new Meter(plan);
  const watch = monitor();
  const due = new Set(milestones.map((share) => done + Math.round(share * (updates - done))));
  let last: Progress | null = null;
  let { peakBytes } = writer.params.head.bias.backend.memory();
  view.milestone({ unit, update: done, updates, heldOutBitsPerItem: null, sample: await sampleOf(job, done) });
  const unreadable = new AbortController();
  try {
    const signal = AbortSignal.any([interrupt.signal, unreadable.signal]);
    for await (const step of namingCheckpoint(checkpoint, () => fitJob(job, store, signal))) {
      last = meter.read(step);
      peakBytes = Math.max(peakBytes, step.peakBytes);
      if (step.health !== null) view.health(step.health);
      view.progress(last);
      for (const finding of watch.see(step)) view.finding(finding);
      if (due.has(step.update) && !signal.aborted) {
        // The training ends in good order, with a checkpoint.
        await showMilestone(job, step.update, view).catch((cause) => unreadable.abort(cause));
      }
    }
    unreadable.signal.throwIfAborted();
  } catch (cause) {
    if (!(cause instanceof DivergenceError)) throw await unreadText(cause, last?.update ?? done, store);
    throw new Failure(
      `${cause.message} ${await store.whatIsWhole()} Begin anew, without --resume, with a lower ${whatToLower(plan.settings)}.`,
      { cause },
    );
  }
  const update = last?.update ?? done;
  if (update < updates) {
    if (store.unsaved !== null)
      throw lost(`Stopped after update ${update}`, store.unsaved, await store.whatIsWhole(goOnHint));
    const stopped = { update, updates, checkpoint: update === 0 ? null : checkpoint };
    view.stopped(stopped);
    return stopped;
  }
  const recentBitsPerItem = last?.recentBitsPerItem ?? NaN;
  await finish(job, { seconds: (performance.now() - begin) / 1000, peakBytes, recentBitsPerItem, store }, view);
  return null;
}

/** The failure of a run whose text could not be read any more, if that is what ended it; else the error itself. */
async function unreadText(cause: unknown, update: number, store: PatientStore): Promise<unknown> {
  if (!(cause instanceof DataError || isSystemError(cause))) return cause;
  const whole = await store.whatIsWhole('; with the text as it was, --resume goes on from there');
  return new Failure(
    `The training ended after update ${update}, since its text could not be read: ${cause.message} ${whole}`,
    { cause },
  );
}

const goOnHint = '; --resume goes on from there';

/** The failure of a run that ended with something not saved. */
function lost(ended: string, { checkpoint, reason }: Unsaved, whatIsWhole: string): Failure {
  return new Failure(`${ended}, but ${checkpoint} could not be written: ${reason}. ${whatIsWhole}`);
}

function fitJob(
  { writer, corpus, plan, strategy, optimiser, key, resume }: TrainingJob,
  store: CheckpointStore,
  signal: AbortSignal,
) {
  const { settings, updates, done } = plan;
  return fit({
    task: writer.model,
    params: writer.params,
    data: trainingData(corpus, settings.batch, settings.steps),
    strategy,
    optimiser,
    clip: { norm: settings.clip },
    key,
    updates,
    health: healthLooks,
    signal,
    checkpoint: {
      store,
      every: Math.max(1, Math.ceil((updates - done) / checkpoints)),
      everySeconds: checkpointSeconds,
      metadata: planMetadata(plan),
    },
    resume,
  });
}

async function showMilestone(job: TrainingJob, update: number, view: TrainView): Promise<void> {
  const { writer, corpus, plan } = job;
  const data = heldOutData(corpus, plan.settings.steps, 'sample');
  const { loss } = await evaluate({ task: writer.model, params: writer.params, data });
  const sample = await sampleOf(job, update);
  view.milestone({ unit: corpus.unit, update, updates: plan.updates, heldOutBitsPerItem: bits(loss), sample });
}

async function finish(
  job: TrainingJob,
  {
    seconds,
    peakBytes,
    recentBitsPerItem,
    store,
  }: { seconds: number; peakBytes: number; recentBitsPerItem: number; store: PatientStore },
  view: TrainView,
): Promise<void> {
  const { writer, corpus, plan } = job;
  const { settings, updates, checkpoint } = plan;
  const data = heldOutData(corpus, settings.steps, 'whole');
  const { loss, items } = await evaluate({ task: writer.model, params: writer.params, data }).catch(async (cause) => {
    throw await unreadText(cause, updates, store);
  });
  const itemsSeen = updates * settings.batch * settings.steps;
  const heldOutBitsPerItem = bits(loss);
  const outcome = {
    unit: corpus.unit,
    heldOutBitsPerItem,
    recentBitsPerItem,
    uniformBitsPerItem: Math.log2(corpus.vocabulary.size),
  };
  // With such a model no text can be written.
  if (!Number.isFinite(loss)) throw divergedFailure(outcome, settings, null);
  const verdict = verdictOn(outcome);
  // A model that is of no use takes no good one's place.
  const file = verdict === 'diverged' && existsSync(plan.model) ? besideModel(plan.model) : plan.model;
  const modelBytes = await saveOrFail({ ...plan, model: file }, store, async () => {
    await saveModel(file, writer, {
      text: corpus.title,
      updates,
      steps: plan.settings.steps,
      itemsSeen,
      bitsPerItem: heldOutBitsPerItem,
      backend: plan.backend,
    });
    // Also where the current folder was deleted, and made anew by the writing.
    return (await stat(resolve(file))).size;
  });
  view.done({
    updates,
    itemsSeen,
    passes: itemsSeen / corpus.training.length,
    seconds,
    heldOutItems: items,
    heldOutBitsPerCharacter:
      corpus.heldOutCharacters === null
        ? null
        : (heldOutBitsPerItem * corpus.heldOut.length) / corpus.heldOutCharacters,
    heldOutUnknown: corpus.heldOutUnknown,
    ...outcome,
    verdict,
    peakBytes,
    model: file,
    modelBytes,
    checkpoint,
    sample: await sampleOf(job, updates),
  });
  if (verdict === 'diverged') throw divergedFailure(outcome, settings, file, file === plan.model ? null : plan.model);
  if (store.unsaved === null) return;
  throw lost(
    `The training is complete and its model whole in ${file}`,
    store.unsaved,
    await store.whatIsWhole(goOnHint),
  );
}

/** The name for a model that is not to take the place of another: `name.diverged.safetensors`. */
function besideModel(file: string): string {
  const ending = extname(file);
  return `${file.slice(0, file.length - ending.length)}.diverged${ending}`;
}

/** Saves the model and gives its bytes. @throws Failure when the system refuses; it says what is whole. */
async function saveOrFail(
  { updates, model }: TrainPlan,
  store: PatientStore,
  save: () => Promise<number>,
): Promise<number> {
  try {
    return await save();
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw new Failure(
      `The training is complete after update ${updates}, but the model could not be written to ${model}: ` +
        `${writeReason(cause, dirname(model))}. ${await store.whatIsWhole(goOnHint)}`,
      { cause },
    );
  }
}

/** What the model writes; nothing further where it gives NaN or infinity, which the next update or the end of the training tells of. */
async function sampleOf({ writer, corpus }: TrainingJob, seed: number): Promise<string> {
  const { model, params, vocabulary } = writer;
  const prompt = openingOf(vocabulary);
  const key = keyOf(seed);
  let text = '';
  try {
    for await (const character of generate(model, params, {
      vocabulary,
      prompt,
      length: units[corpus.unit].sampleLength,
      temperature: sampleTemperature,
      key,
    })) {
      text += character;
    }
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
  }
  return text;
}
