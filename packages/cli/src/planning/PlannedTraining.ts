import type { TrainSettings } from '../training/settings.js';
import type { ComparedPlan } from './comparePlans.js';

/** A training that was planned; plain JSON. */
export interface PlannedTraining {
  readonly settings: TrainSettings;
  /** The text's title. */
  readonly text: string;
  /** Items to train on. */
  readonly items: number;
  readonly vocabulary: number;
  readonly parameters: number;
  readonly backend: string;
  /** How long it is to train; null where a number of updates is given. */
  readonly minutes: number | null;
  readonly updates: number | null;
  /** The training itself. */
  readonly chosen: ComparedPlan;
  /** The same with other lengths. */
  readonly others: readonly ComparedPlan[];
}
