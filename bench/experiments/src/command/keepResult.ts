import { join } from 'node:path';
import { writeWhole } from '@tempograd/nn/node';
import type { Report } from '../Experiment.js';
import type { Places } from './places.js';
import type { Result } from './Result.js';

/**
 * Writes figures and pictures, each whole or not at all, once all of them are there.
 * @returns the files
 */
export async function keepResult(result: Result, report: Report, { results, pictures }: Places): Promise<string[]> {
  const files: [string, string][] = [
    [join(results, `${result.experiment}.json`), `${JSON.stringify(result, null, 1)}\n`],
  ];
  // What draws takes long to load, and most calls draw nothing.
  const { lineChart } = await import('@tempograd/plot');
  for (const [name, chart] of Object.entries(report.charts)) {
    files.push([join(pictures, `${name}.svg`), lineChart(chart)]);
  }
  for (const [file, text] of files) await writeWhole(file, new TextEncoder().encode(text));
  return files.map(([file]) => file);
}
