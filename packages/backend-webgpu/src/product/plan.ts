import type { Kernel, Variant } from '../engine/Kernel.js';
import { memoryOf, threadsOf, tiles } from './tiles.js';
import type { DeviceSpeed, Tile, TileSpeed } from './tiles.js';
import skinnyCode from './skinny.wgsl.js';
import tileCode from './tile.wgsl.js';
import sumPiecesCode from './sumPieces.wgsl.js';

/** Terms that a tile kernel sums up in a register. */
const block = 1024;

function constantsOf(tile: Tile): Readonly<Record<string, number>> {
  return {
    ROWS: tile.rows,
    COLUMNS: tile.columns,
    DEPTH: tile.depth,
    HALVES: tile.halves,
    SLICES: tile.slices,
    THREADS: threadsOf(tile),
    TALL: tile.threadRows === 8 ? 1 : 0,
    WIDE: tile.threadColumns === 8 ? 1 : 0,
    BLOCK: block,
  };
}

const smallSlice = 'array<array<vec4f, 5>, 4>';

/** The nested arrays of tileMemory.wgsl. */
function typesOf({ rows, columns, depth, slices }: Tile): Readonly<Record<string, string>> {
  const slice = (lines: number): string => `array<array<vec4f, ${lines / 4 + 1}>, ${depth / slices}>`;
  return { RowSlice: slice(rows), ColumnSlice: slice(columns) };
}

export const tileKernel: Kernel = {
  name: 'product tile',
  code: tileCode,
  bindings: ['read', 'read', 'read', 'write'],
  // For the build, which tries all constants with these: none of them needs more.
  types: [{ RowSlice: smallSlice, ColumnSlice: smallSlice }],
  // Those that fit every device, the null device among them.
  constants: tiles.filter((tile) => memoryOf(tile) <= 16_384).map(constantsOf),
};
export const skinnyKernel: Kernel = {
  name: 'skinny product',
  code: skinnyCode,
  bindings: ['read', 'read', 'read', 'write'],
};
export const sumPiecesKernel: Kernel = {
  name: 'sum of pieces',
  code: sumPiecesCode,
  bindings: ['read', 'read', 'write'],
};

/** What a plan is made for. */
export interface Sizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch: number;
  /** Whether steps along k lie side by side. */
  readonly aAlong: boolean;
  readonly bAlong: boolean;
  readonly accumulate: boolean;
}

/** A kernel and the variant of it. */
export interface Chosen {
  /** For people: the tile's name. */
  readonly name: string;
  readonly kernel: Kernel;
  readonly key: string;
  readonly variant: () => Variant;
}

/** How a product is computed. */
export interface Plan {
  /** Null where there is nothing to sum: k = 0. */
  readonly product: Chosen | null;
  /** Workgroups. */
  readonly groups: number;
  /** Pieces of k, and how long each is. */
  readonly pieces: number;
  readonly pieceLength: number;
  /** Whether b, as left operand, is multiplied by a: `outᵀ = bᵀ aᵀ`. */
  readonly exchanged: boolean;
  /** Where there are several pieces, or what is there already may not be touched before the sum is whole: their sum. */
  readonly second: Chosen | null;
}

/** Rows (or columns) of a product up to which no tiles are used. */
const skinnyRows = 8;
/** What the sums of all pieces may take together. */
const mostSums = 64 * 2 ** 20;
/** Length of a piece is a multiple of it: of every tile's depth. */
const granularity = 32;

/** The fastest plan, by what is known of the device; `memory` bytes can a workgroup have, and `threads`. */
export function planOf(sizes: Sizes, speed: DeviceSpeed, memory: number, threads: number): Plan {
  const { m, n, k } = sizes;
  if (k === 0) return { product: null, groups: 0, pieces: 0, pieceLength: 0, exchanged: false, second: sum };
  if (Math.min(m, n) <= skinnyRows) return skinnyPlan(sizes);
  let best: { tile: Tile; pieces: number; time: number } | null = null;
  for (const tile of tiles) {
    if (speed.tiles[tile.name] === undefined || memoryOf(tile) > memory || threadsOf(tile) > threads) continue;
    for (const pieces of piecesOf(sizes)) {
      const time = timeOf(sizes, tile, pieces, speed);
      if (best === null || time < best.time) best = { tile, pieces, time };
    }
  }
  if (best === null) throw new Error('No tile fits this device.');
  return tilePlan(sizes, best.tile, best.pieces);
}

/** Into how many pieces k may be cut. */
export function piecesOf({ m, n, k, batch }: Sizes): number[] {
  const most = Math.min(256, k / 64, mostSums / (4 * m * n * batch));
  const pieces = [1];
  for (let more = 2; more <= most; more *= 2) pieces.push(more, more * 1.5);
  return pieces.filter((count) => Number.isInteger(count) && count <= Math.max(1, most));
}

/** Expected nanoseconds. */
export function timeOf({ m, n, k, batch }: Sizes, tile: Tile, pieces: number, speed: DeviceSpeed): number {
  const { step, together } = speed.tiles[tile.name] as TileSpeed;
  const groups = Math.ceil(m / tile.rows) * Math.ceil(n / tile.columns) * batch * pieces;
  const one = (k / pieces) * step + speed.start;
  const all = speed.dispatch + one * Math.max(1, groups / together);
  return pieces === 1 ? all : all + speed.dispatch + ((2 * pieces + 1) * 4 * m * n * batch) / speed.bytesPerNanosecond;
}

/** A product by tiles. */
export function tilePlan(sizes: Sizes, tile: Tile, wantedPieces: number): Plan {
  const { m, n, k, batch, accumulate } = sizes;
  const { pieces, pieceLength } = cut(k, wantedPieces);
  const second = pieces > 1 || (accumulate && k > block);
  return {
    product: chosen(tileKernel, tile.name, constantsOf(tile), typesOf(tile)),
    groups: Math.ceil(m / tile.rows) * Math.ceil(n / tile.columns) * batch * pieces,
    pieces,
    pieceLength,
    exchanged: false,
    second: second ? sum : null,
  };
}

/** A product of few rows or few columns: whole workgroups sum along k. */
export function skinnyPlan(sizes: Sizes): Plan {
  const { k, batch } = sizes;
  const exchanged = sizes.n < sizes.m;
  const [m, n, along] = exchanged ? [sizes.n, sizes.m, sizes.aAlong] : [sizes.m, sizes.n, sizes.bAlong];
  const rows = m > 2 ? 4 : m;
  const columns = along ? 8 : 32;
  const groups = Math.ceil(m / rows) * Math.ceil(n / columns) * batch;
  const lanes = 256 / columns;
  // One thread's turns, at four steps each: with many of them and few workgroups it pays to cut k.
  const turns = k / (4 * lanes);
  const wanted = turns > 12 ? Math.min(Math.ceil(256 / groups), Math.ceil(turns / 4)) : 1;
  const { pieces, pieceLength } = cut(k, wanted);
  const second = pieces > 1;
  return {
    product: chosen(skinnyKernel, 'skinny', { ROWS: rows }),
    groups: groups * pieces,
    pieces,
    pieceLength,
    exchanged,
    second: second ? sum : null,
  };
}

/** `wanted` pieces, or fewer where none would be left for the last. */
function cut(k: number, wanted: number): { pieces: number; pieceLength: number } {
  if (wanted === 1) return { pieces: 1, pieceLength: k };
  const pieceLength = Math.ceil(k / wanted / granularity) * granularity;
  return { pieces: Math.ceil(k / pieceLength), pieceLength };
}

const sum = chosen(sumPiecesKernel, 'sum', {});

function chosen(
  kernel: Kernel,
  name: string,
  constants: Readonly<Record<string, number>>,
  types: Readonly<Record<string, string>> = {},
): Chosen {
  const variant = { constants, types };
  return { kernel, name, key: Object.values(constants).join(), variant: () => variant };
}
