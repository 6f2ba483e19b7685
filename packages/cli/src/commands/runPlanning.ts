import { treeLeaves } from '@tempograd/core';
import { UsageError } from '../Failure.js';
import { comparePlans, lengthsToCompare } from '../planning/comparePlans.js';
import type { PlannedTraining } from '../planning/PlannedTraining.js';
import { describePlanned } from '../present/planTerminal.js';
import { passingProgress } from '../present/passingProgress.js';
import { writeJson } from '../present/writeJson.js';
import { withPreparedModel, type PreparedRequest } from '../training/prepareModel.js';

/** A training to plan. */
export interface PlanOptions extends PreparedRequest {
  readonly minutes?: number;
  readonly updates?: number;
  readonly measure: boolean;
  readonly json?: boolean;
}

/** Plans a training, and tells what it takes. */
export async function runPlanning(options: PlanOptions): Promise<void> {
  if (options.minutes !== undefined && options.updates !== undefined)
    throw new UsageError('Give --minutes or --updates, not both.');
  const progress = passingProgress(options.json === true);
  const planned = await withPreparedModel(options, progress.show, async (prepared): Promise<PlannedTraining> => {
    const { backend, corpus, settings, params } = prepared;
    const most = Math.floor((corpus.training.length - 1) / settings.batch);
    const lengths = lengthsToCompare(settings.steps, most);
    const [chosen, ...others] = await comparePlans(prepared, lengths, options.measure, progress.show);
    return {
      settings,
      text: corpus.title,
      items: corpus.training.length,
      vocabulary: corpus.vocabulary.size,
      parameters: treeLeaves(params).reduce((sum, { size }) => sum + size, 0),
      backend: backend.name,
      minutes: options.updates === undefined ? (options.minutes ?? 3) : null,
      updates: options.updates ?? null,
      chosen: chosen as NonNullable<typeof chosen>,
      others,
    };
  }).finally(progress.clear);
  if (options.json === true) writeJson({ event: 'planned', ...planned });
  else console.log(describePlanned(planned));
}
