import type { Segment } from './segment.js';

/** How k and columns of a step's product are shared out among the threads of a workgroup; see `rowProduct.wgsl`. */
export interface StepTile {
  readonly lanes: number;
  readonly splits: number;
  /** Fours of batch rows. */
  readonly groups: 1 | 2;
  readonly columns: number;
}

/** Forward a thread has all gates of a unit. */
export function forwardTile({ rowGroups, gates }: Segment): StepTile {
  return { lanes: 16, splits: 16, groups: rowGroups > 1 ? 2 : 1, columns: gates };
}

/** Backward it has two units, so that what it reads of δ serves twice. */
export function backwardTile({ rowGroups }: Segment): StepTile {
  return { lanes: 8, splits: 32, groups: rowGroups > 1 ? 2 : 1, columns: 2 };
}
