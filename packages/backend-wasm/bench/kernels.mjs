// Speed of the kernels alone, one thread: `node bench/kernels.mjs [filter] [build]`, after `pnpm build`.
// Each figure is the best of many short runs, in processor time, since other work on the machine can only slow them down.
// The build `wide` wants Node's --experimental-wasm-revectorize. Recurrent passes are also given as shares of the product's own peak.

const [filter = '', wanted] = process.argv.slice(2);

async function load(build) {
  const { base64 } = await import(new URL(`../dist/wasm/${build}.js`, import.meta.url).href);
  const bytes = Buffer.from(base64, 'base64');
  if (!WebAssembly.validate(bytes)) return null;
  const memory = new WebAssembly.Memory({ initial: 6144, maximum: 65536 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return { build, memory, exports };
}

/** Blocks of memory, each at a whole cache line, filled with small numbers. */
function makeArena({ memory, exports }) {
  let top = exports.heapBase();
  return (bytes) => {
    const at = (top + 4095) & ~4095;
    top = at + bytes;
    const floats = new Float32Array(memory.buffer, at, bytes >> 2);
    for (let i = 0; i < floats.length; i++) floats[i] = (((i * 7919) % 1009) / 1009 - 0.5) * 0.2;
    return at;
  };
}

function words(kernels, allocate, list) {
  const at = allocate(256);
  new Int32Array(kernels.memory.buffer, at, list.length).set(list);
  return at;
}

/** Milliseconds of processor time so far: unlike the clock, it stands still while other work has the processor. */
function now() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Seconds of one call at best. */
function best(call) {
  let least = Infinity;
  let runs = 1;
  const until = now() + 250;
  do {
    const start = now();
    for (let i = 0; i < runs; i++) call();
    const time = now() - start;
    if (time < 2) runs = Math.ceil(runs * Math.min(10, 3 / Math.max(time, 0.01)));
    else least = Math.min(least, time / runs);
  } while (now() < until || least === Infinity);
  return least / 1000;
}

const format = (value) => value.toFixed(1).padStart(7);

/** Seconds of `C [m, n] = op(A) op(B)`. */
function productSeconds(kernels, allocate, { m, n, k, ta, tb }) {
  const [a, b, c] = [m * k, k * n, m * n].map((length) => allocate(length * 4));
  const flags = (ta ? 1 : 0) | (tb ? 2 : 0);
  const args = words(kernels, allocate, [m, n, k, a, ta ? m : k, b, tb ? k : n, c, n, 0, flags, 1, 0, 0, 0]);
  const scratch = allocate(kernels.exports.productScratchBytes(args, 1));
  return best(() => kernels.exports.product(args, 0, 1, scratch));
}

/** GFLOP/s of a product whose operands stay near, and whose rows and columns its tiles divide. */
function productPeak(kernels) {
  const [m, n, k] = [960, 256, 256];
  return (2 * m * n * k) / productSeconds(kernels, makeArena(kernels), { m, n, k, ta: false, tb: false }) / 1e9;
}

function benchProducts(kernels) {
  const shapes = [
    ['NT', 1600, 512, 128, 'input product'],
    ['NT', 256, 2048, 512, 'input product'],
    ['NT', 32, 512, 128, 'one step'],
    ['NN', 32, 128, 512, 'one step back'],
    ['NN', 1600, 128, 512, 'input gradient'],
    ['NN', 256, 512, 2048, 'input gradient'],
    ['TN', 512, 128, 1600, 'weight gradient'],
    ['TN', 2048, 512, 512, 'weight gradient'],
    ['TN', 256, 64, 50, 'weight gradient, B 1'],
    ['TT', 300, 200, 100, 'odd one'],
    ['NN', 512, 512, 512, 'square'],
    ['NN', 512, 1024, 1024, 'square'],
    ['NT', 1, 256, 64, 'single row'],
    ['NN', 1, 64, 256, 'single row'],
    ['NT', 1, 2048, 512, 'single row'],
    ['NN', 1, 512, 2048, 'single row'],
    ['NN', 5, 7, 9, 'tiny'],
  ];
  for (const [kind, m, n, k, what] of shapes) {
    const allocate = makeArena(kernels);
    const [ta, tb] = [...kind].map((letter) => letter === 'T');
    const seconds = productSeconds(kernels, allocate, { m, n, k, ta, tb });
    report(
      kernels,
      `${kind} ${m}×${n}×${k} ${what}`,
      `${format((2 * m * n * k) / seconds / 1e9)} GFLOP/s`,
      `${(seconds * 1e6).toFixed(2)} µs`,
    );
  }
}

function benchMath(kernels) {
  for (const op of ['exp', 'tanh', 'sigmoid', 'log', 'sin']) {
    const allocate = makeArena(kernels);
    const count = 4096;
    const args = words(kernels, allocate, [allocate(count * 4), allocate(count * 4), count]);
    const seconds = best(() => kernels.exports[`${op}F32`](args, 0, 1, 0));
    report(kernels, op, `${format((seconds / count) * 1e9 * 10)} ns for ten`);
  }
}

const cells = { rnn: [0, 1], lstm: [2, 4], gru: [3, 3] };

function benchRecurrent(kernels) {
  const shapes = [
    ['lstm', 50, 32, 64, 128],
    ['lstm', 20, 32, 256, 256],
    ['lstm', 16, 32, 128, 512],
    ['lstm', 16, 32, 512, 512],
    ['lstm', 8, 32, 1024, 1024],
    ['lstm', 20, 128, 128, 128],
    ['lstm', 50, 8, 128, 128],
    ['lstm', 50, 4, 64, 64],
    ['lstm', 50, 1, 32, 64],
    ['lstm', 1, 1, 32, 64],
    ['lstm', 50, 1, 512, 512],
    ['gru', 50, 32, 64, 128],
    ['gru', 16, 32, 512, 512],
    ['gru', 50, 1, 32, 64],
    ['rnn', 50, 32, 64, 128],
    ['rnn', 16, 32, 512, 512],
    ['rnn', 50, 1, 32, 64],
  ];
  productPeak(kernels); // compiles it
  for (const [cell, T, B, I, H] of shapes) {
    const peak = productPeak(kernels);
    const [number, gates] = cells[cell];
    const allocate = makeArena(kernels);
    const f = (...lengths) => allocate(lengths.reduce((a, b) => a * b, 4));
    const G = gates * H;
    const extra = cell === 'rnn' ? 0 : f(T, B, H);
    const output = f(T, B, H);
    const common = [number, T, B, I, H, 0, f(T, B, I), f(G, I), f(G, H), f(G), f(G), 0, f(B, H), f(B, H)];
    const list = [
      ...common,
      output,
      f(B, H),
      f(B, H),
      f(T, B, G),
      output,
      extra,
      1,
      f(T, B, H),
      f(B, H),
      f(B, H),
      f(T, B, I),
      f(B, H),
      f(B, H),
      f(G, I),
      f(G, H),
      f(G),
      f(G),
      0,
      1,
      0,
      0,
    ];
    const args = words(kernels, allocate, list);
    const view = new Int32Array(kernels.memory.buffer, args, 33);
    const { exports } = kernels;
    view[20] = allocate(
      Math.max(exports.recurrentForwardPackedBytes(args), exports.recurrentBackwardPackedBytes(args)),
    );
    view[32] = allocate(exports.recurrentGateGradientBytes(args));
    const tasks = [
      'recurrentForwardPack',
      'recurrentForward',
      'recurrentBackwardPack',
      'recurrentBackward',
      'recurrentWeights',
    ];
    const scratch = allocate(Math.max(...tasks.map((task) => exports[`${task}ScratchBytes`]?.(args, 1) ?? 0)));
    const phase = (...names) => best(() => names.forEach((name) => exports[name](args, 0, 1, scratch)));
    const flops = 2 * T * B * G * (I + H);
    const forward = phase(tasks[0], tasks[1]);
    const backward = phase(tasks[2], tasks[3]);
    const weights = phase(tasks[4]);
    const all = forward + backward + weights;
    report(
      kernels,
      `${cell} T${T} B${B} I${I} H${H}`,
      `${format((3 * flops) / all / 1e9)} GFLOP/s`,
      `forward${format(flops / forward / 1e9)}`,
      `backward${format(flops / backward / 1e9)}`,
      `weights${format(flops / weights / 1e9)}`,
      `${(all * 1e6).toFixed(1)} µs`,
      `${((100 * 3 * flops) / all / 1e9 / peak).toFixed(0).padStart(3)} % of the product's peak`,
    );
  }
}

function report({ build }, name, ...figures) {
  console.log(build.padEnd(8), name.padEnd(38), ...figures);
}

const groups = { product: benchProducts, math: benchMath, recurrent: benchRecurrent };
for (const build of wanted === undefined ? ['simd', 'relaxed'] : [wanted]) {
  const kernels = await load(build);
  if (kernels === null) continue;
  for (const [name, bench] of Object.entries(groups)) if (name.includes(filter)) bench(kernels);
}
