import type { Gpu } from '../engine/Gpu.js';
import type { Kernel, Variant } from '../engine/Kernel.js';
import type { RecurrentChoice, RecurrentPath, Tile, WorkgroupLimits } from './path.js';
import type { Segment } from './segment.js';

/** A direction's kernels. */
export type PathKernels = Readonly<Record<RecurrentPath, Kernel>>;

/** `Weights`: four packed weights. `Floats`: the f32 numbers in their room. `Kept`: what the forward pass has kept for the way back. */
const fullTypes = { Weights: 'vec4f', Floats: 'vec4f', Kept: 'f32' };
const halfTypes = { Weights: 'vec4<f16>', Floats: 'vec2f', Kept: 'f16' };

/** What the shaders of the loop over time leave open. */
export const storageTypes: readonly (typeof fullTypes)[] = [fullTypes, halfTypes];

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
  { storage }: RecurrentChoice,
): Launch {
  const [types, suffix] = storage === 'f16' ? [halfTypes, ' f16'] : [fullTypes, ''];
  const constants = { CELL: cell, GATES: gates, KEPT: kept };
  const { lanes: LANES, splits: SPLITS } = tile;
  if (tile.path === 'segment') {
    return {
      kernel: kernels.segment,
      key: `${cell} ${LANES} ${SPLITS}${suffix}`,
      variant: () => ({ constants: { ...constants, LANES, SPLITS, PARTS: tile.parts }, types }),
      groups: batch,
      stretch: tile.stretch,
    };
  }
  const { groups: GROUPS, columns: COLUMNS } = tile;
  return {
    kernel: kernels.step,
    key: `${cell} ${LANES} ${SPLITS} ${GROUPS}${suffix}`,
    variant: () => ({ constants: { ...constants, LANES, SPLITS, GROUPS, COLUMNS }, types }),
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
