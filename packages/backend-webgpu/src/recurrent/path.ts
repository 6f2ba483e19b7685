import type { Segment } from './segment.js';

/**
 * How the loop over time runs. `step`: a dispatch for each step, in which workgroups have tiles of rows and units; any size.
 * `segment`: one dispatch for many steps, in which a workgroup has one row and all units, so that nothing passes between
 * workgroups; the weights come from its cache at each step, so they must be few.
 */
export type RecurrentPath = 'step' | 'segment';

/** In what the weights of the loop over time lie, and what is kept of gates and cells for the way back. */
export type RecurrentStorage = 'f32' | 'f16';

/** What is asked for; path and stretch by tests and measurements, which by default are chosen by size. */
export interface RecurrentChoice {
  /** Default f32. */
  readonly storage?: RecurrentStorage;
  readonly path?: RecurrentPath;
  /** Steps of one dispatch, where there can be several. */
  readonly stretch?: number;
}

/** What a workgroup may have. */
export interface WorkgroupLimits {
  readonly threads: number;
  readonly bytes: number;
}

/** How k and columns of a step's product are shared out among the threads of a workgroup; see `rowProduct.wgsl`. */
export interface StepTile {
  readonly path: 'step';
  readonly lanes: number;
  readonly splits: number;
  /** Fours of batch rows. */
  readonly groups: 1 | 2;
  readonly columns: number;
  /** Units of a workgroup. */
  readonly units: number;
}

/** How a workgroup runs through a segment; see `segmentMemory.wgsl`. */
export interface SegmentTile {
  readonly path: 'segment';
  readonly lanes: number;
  readonly splits: number;
  readonly parts: number;
  /** Steps of one dispatch. */
  readonly stretch: number;
}

export type Tile = StepTile | SegmentTile;

/**
 * With more bytes of weights a dispatch for each step is faster: one workgroup reads them all from the second-level cache at each
 * step, at some 64 bytes a cycle, while a dispatch costs about as long as half a mebibyte takes so.
 */
const mostWeightBytes = 384 * 1024;
/** With more rows than this the workgroups no longer find room beside each other, each with the weights for itself. */
const mostRows = 512;
/** Multiply-adds of one workgroup in one dispatch: some tens of milliseconds, far from where drivers take a program for hung. */
const mostWork = 2 ** 26;

/** Forward a thread of a step has all gates of a unit. */
export function forwardTile(segment: Segment, limits: WorkgroupLimits, choice: RecurrentChoice): Tile {
  const { rowGroups, gates } = segment;
  const tile = segmentTile(segment, limits, choice, { sums: gates, shared: 1 });
  return tile ?? { path: 'step', lanes: 16, splits: 16, groups: rowGroups > 1 ? 2 : 1, columns: gates, units: 16 };
}

/** Backward it has two units, so that what it reads of δ serves twice. */
export function backwardTile(segment: Segment, limits: WorkgroupLimits, choice: RecurrentChoice): Tile {
  const { rowGroups, gates } = segment;
  const tile = segmentTile(segment, limits, choice, { sums: 1, shared: gates });
  return tile ?? { path: 'step', lanes: 8, splits: 32, groups: rowGroups > 1 ? 2 : 1, columns: 2, units: 16 };
}

/** What a direction needs: sums of a thread, and numbers for each unit that threads share. */
interface Needs {
  readonly sums: number;
  readonly shared: number;
}

/** Null where steps are to be dispatched one by one, or where a workgroup cannot have all units. */
function segmentTile(
  { gates, hidden, padded, batch }: Segment,
  limits: WorkgroupLimits,
  choice: RecurrentChoice,
  { sums, shared }: Needs,
): SegmentTile | null {
  const isSmall = gates * padded * hidden * 4 <= mostWeightBytes && batch <= mostRows;
  const { path = isSmall ? 'segment' : 'step' } = choice;
  if (path === 'step') return null;
  // Whole subgroups, and few variants to compile.
  const lanes = Math.ceil(hidden / 32) * 32;
  const memory = Math.floor((limits.bytes / 4 - shared * lanes) / (sums * lanes)) + 1;
  const splits = Math.min(Math.floor(limits.threads / lanes), lanes / 4, memory);
  if (splits < 1) return null;
  const parts = Math.max(1, (splits - 1) * sums * lanes);
  const { stretch = Math.max(1, Math.floor(mostWork / (gates * hidden * hidden))) } = choice;
  return { path: 'segment', lanes, splits, parts, stretch };
}
