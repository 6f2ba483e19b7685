import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, type OptionTable } from '@tempograd/core/backend';
import type { HealthOptions } from '../../health/index.js';
import { checkEvery } from '../../health/startHealth.js';

/** How often, and how closely, to look at how the gradients of a training are doing. */
export interface TrainingHealthOptions extends HealthOptions {
  /**
   * What of an update is run once more, after it, for what a single loss says of earlier states (`byLag`) and what the inputs tell
   * (`informed`); null for nothing. Of a small model it takes most of the time of a look, about as long as an update: with 64 units, 16 rows and
   * 32 steps every tenth update 12 % in all, and 3 % without it. Of a large one it is a small part of an update.
   */
  readonly sample?: HealthSample | null;
}

/** A part of an update. */
export interface HealthSample {
  /**
   * The first rows of the batch, of which two go back; default is 4. A task that cannot take rows of its carry (`takeRows`, which
   * `sequenceModel` has) is looked at with all of them.
   */
  readonly rows?: number;
  /** The last steps; default is 64. */
  readonly steps?: number;
}

const healthTable: OptionTable = optionTable<TrainingHealthOptions>({
  every: 'number',
  saturation: 'boolean',
  sample: 'object or null',
});

const sampleTable: OptionTable = optionTable<HealthSample>({ rows: 'number', steps: 'number' });

/** @throws ArgumentError for settings that make no sense. */
export function checkHealth(health: TrainingHealthOptions): void {
  checkOptions('fit', health, healthTable, 'health');
  const { sample, every = 1 } = health;
  checkEvery('fit: health.every', every);
  if (sample === undefined || sample === null) return;
  checkOptions('fit', sample, sampleTable, 'health.sample');
  for (const [name, value] of Object.entries(sample)) {
    if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 1)) continue;
    throw new ArgumentError(`fit: health.sample.${name} must be a whole number ≥ 1, but is ${String(value)}.`);
  }
}
