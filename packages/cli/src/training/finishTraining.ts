import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { evaluate } from '@tempograd/nn';
import { Failure } from '../Failure.js';
import { saveModel } from '../model/modelFile.js';
import { bits } from '../present/format.js';
import type { TrainView } from '../present/TrainView.js';
import { isSystemError, writeReason } from '../writeReason.js';
import { heldOutData } from './corpus.js';
import type { PatientStore } from './PatientStore.js';
import type { TrainPlan } from './runPlan.js';
import { sampleText } from './sampleText.js';
import { goOnHint, lost, unreadText } from './trainingFailures.js';
import type { TrainingJob } from './TrainingJob.js';
import { divergedFailure, verdictOn } from './verdict.js';

/**
 * Evaluates a model on all that was held out, saves it, and shows what came of the training.
 * @throws Failure when something could not be saved, or nothing was learnt; it says what is whole.
 */
export async function finishTraining(
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
    sample: await sampleText(job, updates),
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
