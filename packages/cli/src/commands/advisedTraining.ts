import type { Advice } from '@tempograd/nn';
import type { PreparedRequest } from '../training/prepareModel.js';
import type { TrainSettings } from '../training/settings.js';
import { settingFlags } from './settingFlags.js';

/**
 * The arguments with which `tempograd train` follows an advice that was measured with `settings`; null where it cannot: it trains in
 * chunks that are kept whole, and models that start as they usually do.
 */
export function advisedTraining(request: PreparedRequest, settings: TrainSettings, advice: Advice): string[] | null {
  const { choice, batch, cell, initialisation, pooling } = advice;
  if (request.text === undefined || choice.name !== 'truncatedBptt' || choice.options.checkpoints !== undefined)
    return null;
  const { updateEvery, backwardSteps = updateEvery } = choice.options;
  const isUsual = Object.entries(initialisation).every(([name, value]) => name === 'forgetBias' && value === 1);
  if (updateEvery !== backwardSteps || pooling !== 'none' || !isUsual) return null;
  const wanted: Partial<TrainSettings> = {
    ...request,
    steps: updateEvery,
    ...(batch === null || batch === settings.batch ? {} : { batch }),
    ...(cell === settings.cell ? {} : { cell }),
  };
  const names = Object.keys(settingFlags) as (keyof TrainSettings)[];
  const flags = names.flatMap((name) => (wanted[name] === undefined ? [] : [settingFlags[name], String(wanted[name])]));
  return ['--text', request.text, ...flags, ...(request.backend === undefined ? [] : ['--backend', request.backend])];
}
