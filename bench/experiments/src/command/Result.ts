import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import type { Places } from './places.js';
import type { Size } from '../Experiment.js';

/** Figures of a run, as they are kept. */
export interface Result {
  readonly format: 'tempograd-experiment';
  readonly version: 1;
  readonly experiment: string;
  readonly size: Size;
  readonly seed: number;
  readonly date: string;
  /** What it ran on; figures of time mean something only with it. */
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string };
  /** How long it took. */
  readonly seconds: number;
  readonly figures: unknown;
}

/** Figures with when and where they were measured. */
export function makeResult(run: Pick<Result, 'experiment' | 'size' | 'seed' | 'seconds' | 'figures'>): Result {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: process.versions.node };
  return { format: 'tempograd-experiment', version: 1, date: new Date().toISOString(), machine, ...run };
}

/** Figures that were kept. @throws Error where there are none. */
export function readResult(name: string, { results }: Places): Result {
  const result = JSON.parse(readFileSync(join(results, `${name}.json`), 'utf8')) as Result;
  if (result.format !== 'tempograd-experiment' || result.experiment !== name)
    throw new Error(`${join(results, `${name}.json`)} does not hold figures of ${name}.`);
  return result;
}
