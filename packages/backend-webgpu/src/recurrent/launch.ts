import type { Gpu } from '../engine/Gpu.js';
import type { Kernel, Variant } from '../engine/Kernel.js';
import type { RecurrentPath, Tile, WorkgroupLimits } from './path.js';
import type { Segment } from './segment.js';

/** A direction's kernels. */
export type PathKernels = Readonly<Record<RecurrentPath, Kernel>>;

/** What the dispatches of a loop over time have in common. */
export interface Launch {
  readonly kernel: Kernel;
  readonly key: string;
  readonly variant: () => Variant;
  /** Workgroups. */
  readonly groups: number;
  /** Steps of a dispatch. */
  readonly stretch: number;
}

export function launchOf(
  kernels: PathKernels,
  { cell, gates, kept, hidden, batch, rowGroups }: Segment,
  tile: Tile,
): Launch {
  const constants = { CELL: cell, GATES: gates, KEPT: kept };
  const { lanes: LANES, splits: SPLITS } = tile;
  if (tile.path === 'segment') {
    return {
      kernel: kernels.segment,
      key: `${cell} ${LANES} ${SPLITS}`,
      variant: () => ({ constants: { ...constants, LANES, SPLITS, PARTS: tile.parts } }),
      groups: batch,
      stretch: tile.stretch,
    };
  }
  const { groups: GROUPS, columns: COLUMNS } = tile;
  return {
    kernel: kernels.step,
    key: `${cell} ${LANES} ${SPLITS} ${GROUPS}`,
    variant: () => ({ constants: { ...constants, LANES, SPLITS, GROUPS, COLUMNS } }),
    groups: Math.ceil(hidden / tile.units) * Math.ceil(rowGroups / GROUPS),
    stretch: 1,
  };
}

export function workgroupLimits({ device }: Gpu): WorkgroupLimits {
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX, maxComputeWorkgroupStorageSize } = device.limits;
  return {
    threads: Math.min(maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX),
    bytes: maxComputeWorkgroupStorageSize,
  };
}
