import {
  disposeTree,
  foldInName,
  keep,
  key as keyOf,
  scope,
  treeLeaves,
  truncatedBptt,
  useBackend,
} from '@tempograd/core';
import type { Backend } from '@tempograd/core';
import { loadInto, planMemory } from '@tempograd/nn';
import { fileCheckpointStore } from '@tempograd/nn/node';
import { openBackend } from '../backends/openBackend.js';
import { requireWritable } from '../model/requireWritable.js';
import type { TrainView } from '../present/TrainView.js';
import { nameOfText, readText } from '../text/readText.js';
import type { Text } from '../text/Text.js';
import { checkpointBeside, readRun, type StoredRun } from './checkpointFile.js';
import { corpusOf, wordsFingerprint, type Corpus } from './corpus.js';
import type { Interrupt } from '../interrupt.js';
import { holdRun } from './holdRun.js';
import { modelOf, requireWords } from './modelOf.js';
import { optimiserOf, phasesOf } from './phases.js';
import {
  backendToResume,
  heldOutToResume,
  requireConsistent,
  requireSameRun,
  requireSameText,
  requireSameWords,
} from './resume.js';
import { gradientOptions, type TrainPlan } from './runPlan.js';
import { updatesOf } from './schedule.js';
import { fitBatch, settingsFor, type TrainSettings } from './settings.js';
import { startingParams } from './startingParams.js';
import type { TrainingJob } from './TrainingJob.js';

/** What the user asked for; what is left out is chosen. */
export interface TrainRequest extends Partial<TrainSettings> {
  readonly text?: string;
  readonly save?: string;
  readonly resume?: boolean;
  /** Whether a checkpoint must match its checksum; default is true. */
  readonly verify?: boolean;
  readonly minutes?: number;
  readonly updates?: number;
  readonly backend?: string;
  readonly force?: boolean;
}

/** A job that holds a backend and parameters until it is closed. */
export interface OpenJob extends TrainingJob {
  close(): Promise<void>;
}

/**
 * Reads the text, opens the backend, makes or restores the model, and decides how long to train; shows the plan.
 * @throws Failure, UsageError for whatever is not as it must be, before anything is trained.
 */
export async function openJob(request: TrainRequest, interrupt: Interrupt, view: TrainView): Promise<OpenJob> {
  const model = request.save ?? `${nameOfText(request.text)}.safetensors`;
  const checkpoint = checkpointBeside(model);
  await requireWritable(model);
  await requireWritable(checkpoint);
  await holdRun(checkpoint, request.force === true);
  const stored = request.resume === true ? await readRun(checkpoint, { verify: request.verify ?? true }) : null;
  if (stored === null) await noteUnfinished(checkpoint, view);
  else requireSameRun(request, stored);
  const unit = stored?.plan.settings.unit ?? request.unit ?? 'characters';
  requireWords(request, unit);
  const text = await readText(request.text, unit, { interrupt, reading: (reading) => view.reading(reading) });
  try {
    return await openJobOn(text, { request, stored, model, checkpoint, interrupt, view });
  } catch (error) {
    await text.close();
    throw error;
  }
}

async function openJobOn(
  text: Text,
  known: Pick<Preparation, 'request' | 'stored' | 'model' | 'checkpoint' | 'interrupt' | 'view'>,
): Promise<OpenJob> {
  const { request, stored, checkpoint, view } = known;
  const { backend, passedOver } = await openBackend(
    stored === null ? request.backend : backendToResume(request.backend, stored),
  );
  try {
    useBackend(backend);
    for (const { name, reason } of passedOver) view.note(`The faster backend ${name} ${reason}.`);
    const asked = stored?.plan.settings ?? settingsFor(backend.name, request);
    if (stored !== null) requireSameText(text, stored, checkpoint);
    const corpus = await corpusOf(text, asked, stored === null ? undefined : heldOutToResume(text, stored, checkpoint));
    if (stored !== null) requireSameWords(corpus, stored, checkpoint);
    const settings = stored === null ? fitBatch(asked, request, corpus.training.length) : asked;
    return await prepare({ ...known, backend, text, corpus, settings });
  } catch (error) {
    backend.dispose?.();
    throw error;
  }
}

/** Everything that is known before the model is made. */
interface Preparation {
  readonly request: TrainRequest;
  readonly stored: StoredRun | null;
  readonly backend: Backend;
  readonly text: Text;
  readonly corpus: Corpus;
  readonly settings: TrainSettings;
  readonly model: string;
  readonly checkpoint: string;
  readonly interrupt: Interrupt;
  readonly view: TrainView;
}

async function prepare(preparation: Preparation): Promise<OpenJob> {
  const { request, stored, backend, corpus, settings, interrupt, view } = preparation;
  const model = modelOf(settings, corpus);
  if (stored !== null) requireConsistent(model, corpus, stored, preparation.checkpoint);
  const key = keyOf(settings.seed);
  const strategy = truncatedBptt({ updateEvery: settings.steps });
  const file = preparation.model;
  const { phases, speed } = await phasesOf({
    request,
    stored,
    file,
    settings,
    model,
    corpus,
    strategy,
    interrupt,
    view,
  });
  const params = scope(() => {
    const initial = startingParams(model, foldInName(key, 'params'), corpus);
    return keep(stored === null ? initial : loadInto(initial, stored.checkpoint, { prefix: 'params.' }));
  });
  const optimiser = optimiserOf(phases, settings);
  const { peakBytes } = planMemory(model, params, {
    time: settings.steps,
    batch: settings.batch,
    strategy,
    optimiser,
    ...gradientOptions(settings),
  });
  const plan = planFor(preparation, { params, phases, speed, plannedBytes: peakBytes });
  view.plan(plan);
  return {
    writer: { model, params, vocabulary: corpus.vocabulary },
    corpus,
    plan,
    strategy,
    optimiser,
    key: foldInName(key, 'training'),
    store: fileCheckpointStore(preparation.checkpoint),
    resume: stored?.checkpoint ?? null,
    interrupt,
    async close() {
      disposeTree(params);
      backend.dispose?.();
      await preparation.text.close();
    },
  };
}

function planFor(
  { stored, backend, corpus, settings, model: file, checkpoint }: Preparation,
  { params, ...found }: Pick<TrainPlan, 'phases' | 'speed' | 'plannedBytes'> & { readonly params: unknown },
): TrainPlan {
  const { title, fingerprint, training, heldOut, vocabulary } = corpus;
  return {
    settings,
    ...found,
    backend: backend.name,
    text: { title, fingerprint, heldOut: heldOut.length, words: wordsFingerprint(corpus) },
    items: { all: training.length + heldOut.length, training: training.length, heldOut: heldOut.length },
    vocabulary: vocabulary.size,
    parameters: treeLeaves(params).reduce((sum, { size }) => sum + size, 0),
    info: backend.info,
    done: stored?.done ?? 0,
    updates: updatesOf(found.phases),
    model: file,
    checkpoint,
  };
}

async function noteUnfinished(checkpoint: string, view: TrainView): Promise<void> {
  const earlier = await readRun(checkpoint).catch(() => null);
  if (earlier === null || earlier.done >= updatesOf(earlier.plan.phases)) return;
  view.note(
    `${checkpoint} holds a training that was stopped. This one begins anew and will replace it; --resume goes on with it.\n`,
  );
}
