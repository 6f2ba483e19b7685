import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { key as keyOf, type Key, type Strategy } from '@tempograd/core';
import {
  evaluate,
  fit,
  generate,
  type Checkpoint,
  type CheckpointStore,
  type Optimiser,
  type TrainingStep,
} from '@tempograd/nn';
import { saveModel, type Writer } from '../model/modelFile.js';
import { bits } from '../present/format.js';
import type { TrainView } from '../present/TrainView.js';
import { openingOf } from '../text/prompt.js';
import { heldOutData, trainingData, type Corpus } from './corpus.js';
import type { Interrupt } from '../interrupt.js';
import { Meter } from './Meter.js';
import { milestones, planMetadata, type TrainPlan } from './runPlan.js';

/** Checkpoints in a whole session, the one at its end apart. */
const checkpoints = 8;

/** Characters of a sample. */
const sampleLength = 240;

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

/** Trains, shows it, and saves the model. False when it was stopped before its end. */
export async function trainModel(job: TrainingJob, view: TrainView): Promise<boolean> {
  const { writer, plan, interrupt } = job;
  const { done, updates } = plan;
  const begin = performance.now();
  const meter = new Meter(plan);
  const due = new Set(milestones.map((share) => done + Math.round(share * (updates - done))));
  let last: TrainingStep | null = null;
  let peakBytes = 0;
  view.milestone({ update: done, updates, heldOutBitsPerCharacter: null, sample: await sampleOf(writer, done) });
  for await (const step of fitJob(job)) {
    last = step;
    peakBytes = Math.max(peakBytes, step.peakBytes);
    view.progress(meter.read(step));
    if (due.has(step.update) && !interrupt.signal.aborted) await showMilestone(job, step.update, view);
    // Lets signals in, and the terminal be drawn.
    await setImmediate();
  }
  const update = last?.update ?? done;
  if (update < updates) {
    view.stopped({ update, updates, checkpoint: update === 0 ? null : plan.checkpoint });
    return false;
  }
  await finish(job, { seconds: (performance.now() - begin) / 1000, peakBytes }, view);
  return true;
}

function fitJob({ writer, corpus, plan, strategy, optimiser, key, store, resume, interrupt }: TrainingJob) {
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
    signal: interrupt.signal,
    checkpoint: { store, every: Math.ceil((updates - done) / checkpoints), metadata: planMetadata(plan) },
    resume,
  });
}

async function showMilestone({ writer, corpus, plan }: TrainingJob, update: number, view: TrainView): Promise<void> {
  const data = heldOutData(corpus, plan.settings.steps, 'sample');
  const { loss } = await evaluate({ task: writer.model, params: writer.params, data });
  const sample = await sampleOf(writer, update);
  view.milestone({ update, updates: plan.updates, heldOutBitsPerCharacter: bits(loss), sample });
}

async function finish(
  { writer, corpus, plan }: TrainingJob,
  { seconds, peakBytes }: { seconds: number; peakBytes: number },
  view: TrainView,
): Promise<void> {
  const { settings, updates, model: file, checkpoint } = plan;
  const data = heldOutData(corpus, settings.steps, 'whole');
  const { loss, items } = await evaluate({ task: writer.model, params: writer.params, data });
  const charactersSeen = updates * settings.batch * settings.steps;
  const heldOutBitsPerCharacter = bits(loss);
  await saveModel(file, writer, {
    text: corpus.title,
    updates,
    charactersSeen,
    bitsPerCharacter: heldOutBitsPerCharacter,
    backend: plan.backend,
  });
  view.done({
    updates,
    charactersSeen,
    passes: charactersSeen / corpus.training.length,
    seconds,
    heldOutCharacters: items,
    heldOutBitsPerCharacter,
    peakBytes,
    model: file,
    modelBytes: (await stat(file)).size,
    checkpoint,
    sample: await sampleOf(writer, updates),
  });
}

async function sampleOf({ model, params, vocabulary }: Writer, seed: number): Promise<string> {
  const prompt = openingOf(vocabulary);
  const key = keyOf(seed);
  let text = '';
  for await (const character of generate(model, params, {
    vocabulary,
    prompt,
    length: sampleLength,
    temperature: sampleTemperature,
    key,
  })) {
    text += character;
  }
  return text;
}
