// Times whole segments forward and backward on each path, over a small grid; JSON on standard output. Build the package first.
//   node scripts/bench-recurrent.js [only cells and sizes that contain this, such as "lstm 128"]
import { gateCount } from '@tempograd/core/backend';
import { createBackend } from '../dist/createBackend.js';
import { engineOf } from '../dist/engine/engineOf.js';
import { recurrentOps } from '../dist/recurrent/recurrent.js';

/** Cell, units and inputs, batch rows, steps. @type {[import('@tempograd/core/backend').RecurrentCell, number, number, number][]} */
const grid = [
  ['lstm', 32, 32, 50],
  ['lstm', 64, 32, 50],
  ['lstm', 128, 32, 50],
  ['lstm', 128, 1, 50],
  ['lstm', 128, 256, 50],
  ['gru', 128, 32, 50],
  ['rnnTanh', 128, 32, 50],
  ['lstm', 192, 32, 50],
  ['lstm', 256, 32, 50],
  ['gru', 256, 64, 50],
  ['lstm', 512, 64, 128],
];
/** @type {import('../dist/recurrent/path.js').RecurrentChoice[]} */
const choices = [{ path: 'step' }, { path: 'segment' }];
const mostWeights = 2 ** 20;
const [only = ''] = process.argv.slice(2);

const backend = await createBackend();
const gpu = engineOf(backend);

/** @param {...number} shape */
function random(...shape) {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: size }, () => (Math.random() - 0.5) * 0.2);
  return { handle: gpu.write(values, shape, 'f32'), shape, dtype: /** @type {const} */ ('f32') };
}

/** @typedef {{ handle: import('../dist/memory/Handle.js').Handle } | null} Held */
/** @param {readonly Held[]} xs */
function release(xs) {
  for (const x of xs) if (x !== null) gpu.heap.release(x.handle);
}

/**
 * Mean milliseconds of `run`, on the device when many are queued, and of the host to enqueue it.
 *
 * @param {() => void} run
 */
async function time(run) {
  const settled = () => gpu.device.queue.onSubmittedWorkDone();
  for (let i = 0; i < 3; i++) run();
  gpu.commands.flush();
  await settled();
  let runs = 4;
  for (;;) {
    const start = performance.now();
    let host = 0;
    for (let i = 0; i < runs; i++) {
      const before = performance.now();
      run();
      host += performance.now() - before;
      gpu.commands.flush();
    }
    await settled();
    const total = performance.now() - start;
    if (total > 60 || runs >= 256) return { device: total / runs, host: host / runs };
    runs *= 2;
  }
}

/** @param {number} x */
const rounded = (x) => Number(x.toPrecision(4));

const results = [];
for (const [cell, hidden, batch, steps] of grid) {
  const name = `${cell} ${hidden} ${batch} ${steps}`;
  if (!name.includes(only)) continue;
  const gates = gateCount[cell] * hidden;
  const args = {
    cell,
    reverse: false,
    input: random(steps, batch, hidden),
    carry: (cell === 'lstm' ? [0, 1] : [0]).map(() => random(batch, hidden)),
    weightIh: random(gates, hidden),
    weightHh: random(gates, hidden),
    biasIh: random(gates),
    biasHh: random(gates),
    mask: null,
  };
  const outputCotangent = random(steps, batch, hidden);
  for (const choice of choices) {
    if (choice.path === 'segment' && gates * hidden * 4 > mostWeights) continue;
    const ops = recurrentOps(gpu, choice);
    const kept = ops.recurrentForward(args, true);
    /** @param {boolean} all */
    const backward = (all) => {
      const back = ops.recurrentBackward({
        ...args,
        saved: kept.saved ?? [],
        outputCotangent,
        carryCotangents: args.carry.map(() => null),
        wants: { input: all, carry: true, weights: all, delta: false },
      });
      release([back.input, back.weightIh, back.weightHh, back.biasIh, back.biasHh, ...(back.carry ?? [])]);
    };
    const forward = await time(() => {
      const { output, carry, saved } = ops.recurrentForward(args, true);
      release([output, ...carry, ...(saved ?? [])]);
    });
    const loop = await time(() => backward(false));
    const whole = await time(() => backward(true));
    release([kept.output, ...kept.carry, ...(kept.saved ?? [])]);
    results.push({
      name,
      path: choice.path,
      forwardMs: rounded(forward.device),
      forwardUsPerStep: rounded((forward.device * 1000) / steps),
      backwardLoopMs: rounded(loop.device),
      backwardLoopUsPerStep: rounded((loop.device * 1000) / steps),
      backwardMs: rounded(whole.device),
      hostMs: rounded(forward.host + whole.host),
    });
    console.error(JSON.stringify(results.at(-1)));
  }
}
console.log(JSON.stringify({ device: backend.info, results }, null, 1));
backend.dispose?.();
