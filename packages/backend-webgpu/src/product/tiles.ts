import { measured } from './measured.js';

/** A tile kernel's sizes. */
export interface Tile {
  readonly name: string;
  /** Of the result, a workgroup's. */
  readonly rows: number;
  readonly columns: number;
  /** Rows and columns of the result that a thread has: 4 or 8. */
  readonly threadRows: 4 | 8;
  readonly threadColumns: 4 | 8;
  /** Steps along k that lie in workgroup memory, and in how many halves. */
  readonly depth: number;
  readonly halves: 1 | 2;
  /** Parts of these steps that different threads sum up. */
  readonly slices: number;
}

function tileOf(
  rows: number,
  columns: number,
  threadRows: 4 | 8,
  threadColumns: 4 | 8,
  depth: number,
  halves: 1 | 2,
  slices = 1,
): Tile {
  const parts = slices > 1 ? `/${slices}` : '';
  const name = `${rows}x${columns} ${threadRows}x${threadColumns} ${depth}x${halves}${parts}`;
  return { name, rows, columns, threadRows, threadColumns, depth, halves, slices };
}

/**
 * Every tile there is. A thread fetches one or two slots of each operand's tile (tileMemory.wgsl), no more and no less. Large ones read
 * memory least often; small ones in slices leave no core idle where the result is small.
 */
export const tiles: readonly Tile[] = [
  tileOf(128, 128, 8, 8, 16, 1),
  tileOf(128, 128, 8, 8, 8, 2),
  tileOf(128, 128, 8, 8, 8, 1),
  tileOf(128, 64, 8, 8, 8, 2),
  tileOf(128, 64, 8, 4, 16, 1),
  tileOf(64, 64, 8, 4, 16, 1),
  tileOf(64, 64, 8, 4, 16, 1, 2),
  tileOf(64, 64, 4, 4, 16, 1),
  tileOf(64, 32, 8, 4, 16, 1, 2),
  tileOf(32, 32, 4, 4, 16, 2),
  tileOf(32, 32, 4, 4, 32, 1, 4),
  tileOf(16, 16, 4, 4, 64, 1, 16),
  tileOf(16, 16, 4, 4, 4, 1),
];

/** Threads of a workgroup. */
export function threadsOf({ rows, columns, threadRows, threadColumns, slices }: Tile): number {
  return (rows / threadRows) * (columns / threadColumns) * slices;
}

/** Bytes of workgroup memory. */
export function memoryOf(tile: Tile): number {
  const { rows, columns, depth, halves, slices } = tile;
  const slots = halves * depth * (rows / 4 + 1 + (columns / 4 + 1));
  const sums = (slices - 1) * (threadsOf(tile) / slices) + 1;
  return (slots + sums) * 16;
}

/** How fast a tile is on some device: what `npm run tune` measures. */
export interface TileSpeed {
  /** Nanoseconds that a workgroup takes for a step along k, where few run. */
  readonly step: number;
  /** Workgroups that the device runs as fast as one; with more, time grows in proportion. */
  readonly together: number;
}

/** How fast a device is. */
export interface DeviceSpeed {
  readonly tiles: Readonly<Record<string, TileSpeed>>;
  /** Nanoseconds that a dispatch costs, and a workgroup before and after its steps. */
  readonly dispatch: number;
  readonly start: number;
  /** Of memory. */
  readonly bytesPerNanosecond: number;
}

/** A device that nobody measured, with so many cores (compute units, multiprocessors): what may be expected of each. */
function guess(cores: number): DeviceSpeed {
  const speeds: Readonly<Record<string, readonly [step: number, togetherOnCore: number]>> = {
    '128x128 8x8 8x2': [130, 1.1],
    '128x128 8x8 8x1': [135, 1.1],
    '128x64 8x4 16x1': [75, 1.05],
    '64x64 8x4 16x1': [46, 1.1],
    '64x64 8x4 16x1/2': [40, 0.95],
    '64x32 8x4 16x1/2': [32, 1.3],
    '32x32 4x4 32x1/4': [18, 1.05],
    '16x16 4x4 64x1/16': [10, 1.4],
  };
  const entries = Object.entries(speeds).map(([name, [step, each]]) => [name, { step, together: each * cores }]);
  return {
    tiles: Object.fromEntries(entries) as Record<string, TileSpeed>,
    dispatch: 3500,
    start: 1500,
    bytesPerNanosecond: 10 * cores,
  };
}

/** Drivers that compute on the CPU: a short shader, for compiling it takes longer than running it. */
const software: DeviceSpeed = {
  tiles: { '16x16 4x4 4x1': { step: 100, together: 2 } },
  dispatch: 1e5,
  start: 1000,
  bytesPerNanosecond: 1,
};

/** Cores to expect, by vendor: between those of small ones and large ones. */
const likelyCores: Readonly<Record<string, number>> = {
  nvidia: 96,
  amd: 32,
  apple: 16,
  intel: 16,
  qualcomm: 6,
  arm: 8,
};

/** What is known of a device. */
export function speedOf(info: GPUAdapterInfo | undefined): DeviceSpeed {
  if (info === undefined) return guess(16);
  if (info.isFallbackAdapter) return software;
  return measured[info.architecture || info.vendor] ?? guess(likelyCores[info.vendor] ?? 24);
}
