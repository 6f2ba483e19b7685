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
}

function tile(
  rows: number,
  columns: number,
  threadRows: 4 | 8,
  threadColumns: 4 | 8,
  depth: number,
  halves: 1 | 2,
): Tile {
  const name = `${rows}x${columns} ${threadRows}x${threadColumns} ${depth}x${halves}`;
  return { name, rows, columns, threadRows, threadColumns, depth, halves };
}

/** Every tile there is. A thread fetches one or two slots of each operand's tile (tileMemory.wgsl), no more and no less. */
export const tiles: readonly Tile[] = [
  tile(128, 128, 8, 8, 16, 2),
  tile(128, 128, 8, 8, 16, 1),
  tile(128, 128, 8, 8, 8, 2),
  tile(128, 128, 8, 8, 8, 1),
  tile(128, 64, 8, 8, 8, 2),
  tile(64, 64, 8, 8, 8, 2),
  tile(64, 64, 8, 4, 16, 1),
  tile(64, 32, 8, 4, 8, 2),
  tile(32, 32, 4, 4, 16, 2),
  tile(32, 32, 4, 4, 16, 1),
  tile(16, 16, 4, 4, 4, 1),
];

/** Threads of a workgroup. */
export function threadsOf({ rows, columns, threadRows, threadColumns }: Tile): number {
  return (rows / threadRows) * (columns / threadColumns);
}

/** Bytes of workgroup memory. */
export function memoryOf({ rows, columns, depth, halves }: Tile): number {
  return halves * depth * (rows / 4 + 1 + (columns / 4 + 1)) * 16;
}

/** How fast a tile is on some device: what `pnpm tune` measures. */
export interface TileSpeed {
  /** Nanoseconds that a workgroup takes for a step along k, where few run. */
  readonly step: number;
  /** Workgroups that the device runs as fast as one; with more, time grows in proportion. */
  readonly together: number;
}

/** How fast a device is. */
export interface DeviceSpeed {
  readonly tiles: Readonly<Record<string, TileSpeed>>;
  /** Nanoseconds that a second dispatch costs, and a workgroup before and after its steps. */
  readonly dispatch: number;
  readonly start: number;
  /** Of memory. */
  readonly bytesPerNanosecond: number;
}

/** A device that nobody measured, with so many cores (compute units, multiprocessors): what may be expected of each. */
function guess(cores: number): DeviceSpeed {
  const speeds: Readonly<Record<string, readonly [step: number, togetherOnCore: number]>> = {
    '128x128 8x8 8x1': [130, 1.1],
    '128x64 8x8 8x2': [75, 1.14],
    '64x64 8x8 8x2': [75, 2.1],
    '64x64 8x4 16x1': [46, 1.1],
    '64x32 8x4 8x2': [43, 1.9],
    '32x32 4x4 16x2': [30, 1.76],
  };
  const entries = Object.entries(speeds).map(([name, [step, each]]) => [name, { step, together: each * cores }]);
  return {
    tiles: Object.fromEntries(entries) as Record<string, TileSpeed>,
    dispatch: 2500,
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

/** Cores to expect, by vendor: rather too few than too many, which costs less. */
const likelyCores: Readonly<Record<string, number>> = {
  nvidia: 64,
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
  return measured[info.architecture] ?? guess(likelyCores[info.vendor] ?? 16);
}
