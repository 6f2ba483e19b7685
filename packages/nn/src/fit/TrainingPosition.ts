import type { DataPosition } from '../data/index.js';

/** Where training stands in its data. */
export interface TrainingPosition extends DataPosition {
  /** Steps of the stretch at `index` that are done. */
  readonly offset: number;
}
