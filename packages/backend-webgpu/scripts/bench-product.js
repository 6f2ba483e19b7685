// GFLOP/s of products on the device at hand, as JSON: node scripts/bench-product.js [--seconds 15]. Build first.
import { ProductTimer, sizesOf } from './ProductTimer.js';

/** @type {[m: number, n: number, k: number][]} */
const shapes = [
  [256, 256, 256],
  [2048, 2048, 2048],
  [1600, 512, 128],
  [1600, 128, 512],
  [512, 128, 1600],
  [8192, 2048, 512],
  [2048, 512, 8192],
  [32, 512, 128],
  [1, 2048, 512],
  [1, 512, 2048],
  [4096, 4096, 4096],
];
const transposes = [
  { name: 'a b', aAlong: true, bAlong: false },
  { name: 'a bT', aAlong: true, bAlong: true },
  { name: 'aT b', aAlong: false, bAlong: false },
  { name: 'aT bT', aAlong: false, bAlong: true },
];

const at = process.argv.indexOf('--seconds');
const seconds = at < 0 ? 15 : Number(process.argv[at + 1]);
const end = performance.now() + 1000 * seconds;
const timer = await ProductTimer.open();
await timer.warmUp(sizesOf(512, 512, 512));
const results = [];
let fastest = 0;
for (const [m, n, k] of shapes) {
  for (const { name, ...along } of transposes) {
    // A slow device gets the sizes that it does within half a second.
    if (performance.now() > end || 2 * m * n * k > fastest * 5e8 + 1e8) break;
    const sizes = sizesOf(m, n, k, along);
    const plan = timer.plan(sizes);
    const nanoseconds = await timer.time(sizes, plan);
    const gflops = (2 * m * n * k) / nanoseconds;
    fastest = Math.max(fastest, gflops);
    const { groups, pieces } = plan;
    results.push({
      m,
      n,
      k,
      factors: name,
      microseconds: Number((nanoseconds / 1000).toFixed(2)),
      gflops: Math.round(gflops),
      tile: plan.product?.name,
      groups,
      pieces,
    });
  }
}
const { vendor, architecture, description } = timer.info;
console.log(JSON.stringify({ adapter: { vendor, architecture, description }, clock: timer.clock, results }, null, 1));
timer.dispose();
