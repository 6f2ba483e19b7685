import { requireTensors, type SequenceModel } from '@tempograd/nn';
import { knownBackends } from '../backends/knownBackends.js';
import { Failure, UsageError } from '../Failure.js';
import type { StoredRun } from './checkpointFile.js';
import type { Text } from '../text/Text.js';
import { heldOutOf, streamsThatFit, wordsFingerprint, type Corpus } from './corpus.js';
import type { TrainSettings } from './settings.js';

/** @throws UsageError for settings that are not those the run was begun with. */
export function requireSameRun(request: Partial<TrainSettings>, { plan }: StoredRun): void {
  const different = (Object.keys(plan.settings) as (keyof TrainSettings)[]).filter(
    (name) => request[name] !== undefined && request[name] !== plan.settings[name],
  );
  if (different.length === 0) return;
  const list = different.map((name) => `${name} was ${plan.settings[name]} and is now ${request[name]}`).join('; ');
  throw new UsageError(
    `The model does not match the training to go on with: ${list}. Leave these options out, or begin anew without --resume.`,
  );
}

/**
 * The backend to go on with: the one asked for, else the one the run was on, where the command knows it. What code is run is not
 * for a file to say.
 * @throws UsageError for a module.
 */
export function backendToResume(asked: string | undefined, { plan }: StoredRun): string {
  const name = asked ?? plan.backend;
  if (asked !== undefined || knownBackends.some((known) => known.name === name)) return name;
  throw new UsageError(
    `The training ran on the backend ${JSON.stringify(name)}, which does not come with the command. Name it with --backend, or another.`,
  );
}

/** @throws Failure when the text is not the one the run was begun with. */
export function requireSameText({ title, fingerprint }: Text, { plan }: StoredRun, file: string): void {
  if (fingerprint === plan.text.fingerprint) return;
  throw new Failure(
    `The text does not match: ${file} is a training on ${plan.text.title}, and ${title} is another text or has changed. ` +
      'Name the same text with --text, or begin anew without --resume.',
  );
}

/** @throws Failure when the text is now cut into other words than those the run was begun with. */
export function requireSameWords(corpus: Corpus, { plan }: StoredRun, file: string): void {
  if (plan.text.words === wordsFingerprint(corpus)) return;
  throw new Failure(
    `The words do not match: ${file} is a training on ${plan.text.title} cut into other words, as another version of Node may do. ` +
      'Go on with the version it was begun with, or begin anew without --resume.',
  );
}

/**
 * How many items of its text a run holds out: what is trained on must be what was.
 * @throws Failure where that leaves less than a chunk to train on.
 */
export function heldOutToResume({ length, unit }: Text, { plan }: StoredRun, file: string): number {
  const { steps } = plan.settings;
  const { heldOut = heldOutOf(length, Infinity) } = plan.text;
  if (length - heldOut > steps) return heldOut;
  throw new Failure(
    `The checkpoint ${file} does not match its own text: it says chunks of ${steps} steps with ${heldOut} ${unit} held out, for which ` +
      `${length} ${unit} are too few. Take another copy, or begin anew without --resume.`,
  );
}

/**
 * Compares what a checkpoint says of its run with its tensors and with the text, before anything of that size is made.
 * @throws Failure when they do not match.
 */
export function requireConsistent(
  model: SequenceModel,
  { training, unit }: Corpus,
  { checkpoint, plan }: StoredRun,
  file: string,
): void {
  const { cell, hidden, layers, embedding, batch, steps } = plan.settings;
  if (streamsThatFit(training.length, batch, steps) < batch) {
    throw new Failure(
      `The checkpoint ${file} does not match its own text: it says ${batch} streams with chunks of ${steps} steps, for which ` +
        `${training.length} ${unit} are too few. Take another copy, or begin anew without --resume.`,
    );
  }
  try {
    requireTensors(model.parameters(), checkpoint, { prefix: 'params.' });
  } catch (cause) {
    throw new Failure(
      `The checkpoint ${file} does not match its own settings, ${JSON.stringify({ cell, hidden, layers, embedding })}. ` +
        `${(cause as Error).message} Or begin anew without --resume.`,
      { cause },
    );
  }
}
