import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { ArgumentError } from '@tempograd/core';
import type { Size } from '../Experiment.js';
import type { Places } from './places.js';

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

/** Figures that were kept. @throws ArgumentError where there are none of this experiment. */
export function readResult(name: string, { results }: Places): Result {
  const file = join(results, `${name}.json`);
  const result = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result) : null;
  if (result?.format === 'tempograd-experiment' && result.experiment === name) return result;
  throw new ArgumentError(`${file} does not hold figures of ${name}: run it first, without --redraw.`);
}
