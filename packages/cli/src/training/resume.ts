import { Failure, UsageError } from '../Failure.js';
import type { StoredRun } from './checkpointFile.js';
import type { Corpus } from './corpus.js';
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

/** @throws Failure when the text is not the one the run was begun with. */
export function requireSameText({ title, fingerprint }: Corpus, { plan }: StoredRun, file: string): void {
  if (fingerprint === plan.text.fingerprint) return;
  throw new Failure(
    `The text does not match: ${file} is a training on ${plan.text.title}, and ${title} is another text or has changed. ` +
      'Name the same text with --text, or begin anew without --resume.',
  );
}
