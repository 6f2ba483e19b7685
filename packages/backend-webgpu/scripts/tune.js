// Measures the tiles of products on the device at hand, for the table in src/product/measured.ts:
//   node scripts/tune.js [--seconds 40] [--from FILE] [--write]
// Build first. Prints JSON: the entry, how far from the best its choices are, and the samples. Where that was saved, --from fits an entry
// to them anew, and needs no device.
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { memoryOf, threadsOf, tiles } from '../dist/product/tiles.js';
import { measured } from '../dist/product/measured.js';
import { piecesOf, planOf, tilePlan } from '../dist/product/plan.js';
import { fitSpeed } from './fitSpeed.js';
import { ProductTimer, sizesOf } from './ProductTimer.js';

/** @import { Sizes } from '../dist/product/plan.js' */
/** @import { Sample } from './fitSpeed.js' */
/** @typedef {[m: number, n: number, k: number, tile: string, pieces: number, microseconds: number]} Row */

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '40' },
    from: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

/** Of training steps: inputs times weights, cotangents times weights, and cotangents times inputs. The first are of an LSTM's. */
/** @type {[m: number, n: number, k: number][]} */
const shapes = [
  [1600, 512, 128],
  [1600, 128, 512],
  [512, 128, 1600],
  [2048, 2048, 2048],
  [8192, 2048, 512],
  [8192, 512, 2048],
  [2048, 512, 8192],
  [256, 256, 256],
  [32, 512, 128],
  [64, 256, 512],
  [3200, 768, 256],
  [3200, 256, 768],
  [768, 256, 3200],
  [12_800, 512, 128],
  [12_800, 128, 512],
  [512, 128, 12_800],
  [1024, 1024, 1024],
  [128, 128, 20_000],
];
/** Workgroups beyond which more pieces are of no use. */
const mostGroups = 4096;

/** What was measured, on which device. */
async function measure() {
  const timer = await ProductTimer.open();
  const { maxComputeWorkgroupStorageSize: memory, maxComputeInvocationsPerWorkgroup: threads } = timer.device.limits;
  const fitting = tiles.filter((tile) => memoryOf(tile) <= memory && threadsOf(tile) <= threads);
  await timer.warmUp(sizesOf(512, 512, 512));
  const end = performance.now() + 1000 * Number(options.seconds);
  /** @type {Row[]} */
  const samples = [];
  /** Multiply-adds a nanosecond. */
  let fastest = 0;
  for (const [m, n, k] of shapes) {
    // A slow device is not asked for more than it does in a tenth of a second.
    if (fastest > 0 && m * n * k > fastest * 1e8) continue;
    const sizes = sizesOf(m, n, k);
    for (const tile of fitting) {
      for (const pieces of piecesOf(sizes)) {
        const plan = tilePlan(sizes, tile, pieces);
        if (performance.now() > end) break;
        if (plan.pieces !== pieces || (pieces > 1 && plan.groups > mostGroups)) continue;
        const nanoseconds = await timer.time(sizes, plan);
        fastest = Math.max(fastest, (m * n * k) / nanoseconds);
        samples.push([m, n, k, tile.name, pieces, round(nanoseconds / 1000)]);
      }
    }
  }
  const { vendor, architecture, description } = timer.info;
  timer.dispose();
  return { key: architecture || vendor, description, clock: timer.clock, memory, threads, samples };
}

/** @param {number} x */
function round(x) {
  return Number(x.toPrecision(4));
}

const found = options.from === undefined ? await measure() : JSON.parse(await readFile(options.from, 'utf8'));
const entry = fitSpeed(
  found.samples.map((/** @type {Row} */ [m, n, k, tile, pieces, microseconds]) => {
    return { sizes: sizesOf(m, n, k), tile, pieces, nanoseconds: microseconds * 1000 };
  }),
);

// What the entry chooses, beside the best.
const checks = [];
for (const [m, n, k] of shapes) {
  const rows = found.samples.filter((/** @type {Row} */ row) => row[0] === m && row[1] === n && row[2] === k);
  if (rows.length === 0) continue;
  const plan = planOf(sizesOf(m, n, k), entry, found.memory, found.threads);
  rows.sort((/** @type {Row} */ a, /** @type {Row} */ b) => a[5] - b[5]);
  const chosen = rows.find((/** @type {Row} */ row) => row[3] === plan.product?.name && row[4] === plan.pieces);
  const teraflops = chosen === undefined ? null : round((2 * m * n * k) / chosen[5] / 1e6);
  checks.push({
    sizes: `${m} ${n} ${k}`,
    chosen: `${plan.product?.name} / ${plan.pieces}: ${chosen?.[5]}`,
    best: `${rows[0][3]} / ${rows[0][4]}: ${rows[0][5]}`,
    teraflops,
  });
}
const { key, samples, ...device } = found;
const text = JSON.stringify({ key, ...device, entry, checks }, null, 1).slice(0, -2);
console.log(`${text},\n "samples": [\n${samples.map((/** @type {Row} */ row) => JSON.stringify(row)).join(',\n')}\n]}`);
if (options.write) {
  const lines = [
    "import type { DeviceSpeed } from './tiles.js';",
    '',
    "/** What `npm run tune -- --write` measured, by the `architecture` of a device's adapter, or by its vendor where it names none. */",
    `export const measured: Readonly<Record<string, DeviceSpeed>> = ${JSON.stringify({ ...measured, [key]: entry }, null, 2)};`,
  ];
  await writeFile(new URL('../src/product/measured.ts', import.meta.url), `${lines.join('\n')}\n`);
}
