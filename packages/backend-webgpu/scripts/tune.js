// Measures the tiles of products on the device at hand, for the table in src/product/measured.ts:
// node scripts/tune.js [--write] [--seconds 40]. Build first. Prints JSON: the entry, and how far from the best its choices are.
import { writeFile } from 'node:fs/promises';
import { memoryOf, threadsOf, tiles } from '../dist/product/tiles.js';
import { measured } from '../dist/product/measured.js';
import { planOf, skinnyPlan, tilePlan } from '../dist/product/plan.js';
import { ProductTimer, sizesOf } from './ProductTimer.js';

/** @import { DeviceSpeed, Tile, TileSpeed } from '../dist/product/tiles.js' */

const at = process.argv.indexOf('--seconds');
const end = performance.now() + 1000 * (at < 0 ? 40 : Number(process.argv[at + 1]));
const timer = await ProductTimer.open();
const { maxComputeWorkgroupStorageSize: memory, maxComputeInvocationsPerWorkgroup: threads } = timer.device.limits;
const fitting = tiles.filter((tile) => memoryOf(tile) <= memory && threadsOf(tile) <= threads);

/**
 * @param {number} m
 * @param {number} n
 * @param {number} k
 * @param {Tile} tile
 */
async function timeOf(m, n, k, tile, pieces = 1) {
  const sizes = sizesOf(m, n, k);
  return timer.time(sizes, tilePlan(sizes, tile, pieces), 6);
}

/** Rows and columns of a product that fills the device, and takes no longer than it must. */
async function fullSize() {
  const tile = fitting.at(-1);
  let size = 512;
  while (size < 4096 && (await timeOf(size, size, 256, tile)) < 2e6) size *= 2;
  return size;
}

/** What a dispatch costs: of products that are next to nothing. */
async function dispatchTime() {
  return timeOf(8, 8, 16, fitting.at(-1));
}

/** How many bytes the device reads in a nanosecond: sums of the columns of a large matrix. */
async function bandwidth() {
  const sizes = sizesOf(1, 4096, 4096, { ones: true });
  return (4 * 4096 * 4096) / (await timer.time(sizes, skinnyPlan(sizes)));
}

/**
 * @param {Tile} tile
 * @param {number} full
 * @returns {Promise<TileSpeed>}
 */
async function speedOf(tile, full) {
  const { rows, columns } = tile;
  const step = Math.max(
    0.1,
    ((await timeOf(rows, columns, 4096, tile)) - (await timeOf(rows, columns, 1024, tile))) / 3072,
  );
  const groups = Math.ceil(full / rows) * Math.ceil(full / columns);
  const shared = (await timeOf(full, full, 512, tile)) / 512 / groups;
  fastest = Math.max(fastest, (rows * columns) / shared);
  return { step: round(step), together: round(Math.max(1, step / shared)) };
}

/** @param {number} x */
function round(x) {
  return Number(x.toPrecision(3));
}

const full = await fullSize();
const dispatch = await dispatchTime();
/** @type {Record<string, TileSpeed>} */
const speeds = {};
/** Multiply-adds a nanosecond. */
let fastest = 0;
for (const tile of fitting) speeds[tile.name] = await speedOf(tile, full);
/** @type {DeviceSpeed} */
const entry = {
  tiles: speeds,
  dispatch: round(dispatch),
  start: round(dispatch / 2),
  bytesPerNanosecond: round(await bandwidth()),
};

// What the entry chooses, beside all there is to choose from.
/** @type {[m: number, n: number, k: number][]} */
const shapes = [
  [2048, 2048, 2048],
  [1600, 512, 128],
  [1600, 128, 512],
  [512, 128, 1600],
  [8192, 2048, 512],
  [2048, 512, 8192],
  [32, 512, 128],
  [256, 256, 256],
  [128, 128, 20_000],
];
const checks = [];
for (const [m, n, k] of shapes) {
  // A slow device is not asked for more than it does in a tenth of a second.
  if (m * n * k > fastest * 1e8) continue;
  const sizes = sizesOf(m, n, k);
  const plan = planOf(sizes, entry, memory, threads);
  const chosen = await timer.time(sizes, plan, 6);
  let best = { microseconds: chosen / 1000, tile: plan.product?.name, pieces: plan.pieces };
  for (const tile of fitting) {
    for (const pieces of [1, 2, 4, 8, 16, 32]) {
      if (k / pieces < 64 || performance.now() > end) continue;
      const microseconds = (await timeOf(m, n, k, tile, pieces)) / 1000;
      if (microseconds < best.microseconds) best = { microseconds, tile: tile.name, pieces };
    }
  }
  checks.push({ m, n, k, chosen: round(chosen / 1000), tile: plan.product?.name, pieces: plan.pieces, best });
}
const { architecture } = timer.info;
console.log(JSON.stringify({ architecture, full, entry, checks }, null, 1));
if (process.argv.includes('--write')) {
  const all = JSON.stringify({ ...measured, [architecture]: entry }, null, 2);
  const lines = [
    "import type { DeviceSpeed } from './tiles.js';",
    '',
    "/** What `pnpm tune --write` measured, by the `architecture` of a device's adapter. */",
    `export const measured: Readonly<Record<string, DeviceSpeed>> = ${all};`,
  ];
  await writeFile(new URL('../src/product/measured.ts', import.meta.url), `${lines.join('\n')}\n`);
}
timer.dispose();
