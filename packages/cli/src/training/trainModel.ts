import { DivergenceError, evaluate, fit, monitor } from '@tempograd/nn';
import { Failure } from '../Failure.js';
import { bits } from '../present/format.js';
import type { Progress, Stopped, TrainView } from '../present/TrainView.js';
import { namingCheckpoint } from './checkpointFile.js';
import { heldOutData, trainingData } from './corpus.js';
import { finishTraining } from './finishTraining.js';
import { Meter } from './Meter.js';
import { PatientStore } from './PatientStore.js';
import { checkpointBytes, requireRoom } from './requireRoom.js';
import { gradientOptions, milestones, planMetadata } from './runPlan.js';
import { sampleText } from './sampleText.js';
import { goOnHint, lost, unreadText } from './trainingFailures.js';
import type { TrainingJob } from './TrainingJob.js';
import { whatToLower } from './verdict.js';

/** Checkpoints in a whole session, the one at its end apart. */
const checkpoints = 8;

/** Of a long session no more than so much is lost, whatever happens. */
const checkpointSeconds = 120;

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
  view.milestone({ unit, update: done, updates, heldOutBitsPerItem: null, sample: await sampleText(job, done) });
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
  await finishTraining(job, { seconds: (performance.now() - begin) / 1000, peakBytes, recentBitsPerItem, store }, view);
  return null;
}

function fitJob(
  { writer, corpus, plan, strategy, optimiser, key, resume }: TrainingJob,
  store: PatientStore,
  signal: AbortSignal,
) {
  const { settings, updates, done } = plan;
  return fit({
    task: writer.model,
    params: writer.params,
    data: trainingData(corpus, settings.batch, settings.steps),
    strategy,
    optimiser,
    ...gradientOptions(settings),
    key,
    updates,
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
  const sample = await sampleText(job, update);
  view.milestone({ unit: corpus.unit, update, updates: plan.updates, heldOutBitsPerItem: bits(loss), sample });
}
