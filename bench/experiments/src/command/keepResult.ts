import { join } from 'node:path';
import { writeWhole } from '@tempograd/nn/node';
import type { Report } from '../Experiment.js';
import type { Result } from './Result.js';

/** Folders in which results are kept. */
export interface Places {
  readonly results: string;
  readonly pictures: string;
}

/**
 * Writes figures and pictures, each whole or not at all; a run that is broken off has written none.
 * @returns the files
 */
export async function keepResult(result: Result, _report: Report, { results }: Places): Promise<string[]> {
  const file = join(results, `${result.experiment}.json`);
  await writeWhole(file, new TextEncoder().encode(`${JSON.stringify(result, null, 1)}\n`));
  return [file];
}
