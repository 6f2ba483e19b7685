// Trains for a while and watches memory: `npm run in -- bench soak [minutes]`, after a build. Exits with 1 when anything grows.
import { createBackend } from '@tempograd/backend-wasm';
import { fromArray, key, scope, truncatedBptt, useBackend, type Tensor } from '@tempograd/core';
import { adam, charModel, clipByGlobalNorm } from '@tempograd/nn';

const minutes = Number(process.argv[2] ?? 10);
/** How long the engine makes room for its young objects and compiled code; what comes after is held to what it takes then. */
const warmUpMilliseconds = 30_000;
if (!(minutes >= 1))
  throw new Error(`A soak takes a minute or more, of which half a minute is for warming up; got ${process.argv[2]}.`);
const [time, batch, vocabulary] = [50, 32, 65];

const backend = await createBackend();
useBackend(backend);
const model = charModel({ vocabulary, embedding: 64, hidden: 128, cell: 'lstm' });
const params = model.init(key(1));
const optimiser = adam({ learningRate: 1e-3 });
const state = optimiser.init(params);
const run = truncatedBptt({ updateEvery: time, backwardSteps: 2 * time }).start(model, {});

/** A stretch of other characters at every step. */
function stretchOf(step: number): { inputs: Tensor; targets: Tensor } {
  const tokens = (shift: number): Int32Array =>
    Int32Array.from({ length: time * batch }, (_, i) => (i * 7919 + step * 31 + shift) % vocabulary);
  const make = (shift: number): Tensor => fromArray(tokens(shift), [time, batch], { dtype: 'i32' });
  return { inputs: make(0), targets: make(17) };
}

function train(step: number): void {
  scope(() => {
    for (const update of run.push(params, stretchOf(step))) {
      const { scale } = clipByGlobalNorm(update.gradient, 1, 1 / (time * batch));
      optimiser.update(params, update.gradient, state, { scale });
    }
  });
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
const started = performance.now();
let steps = 0;
let first: { buffers: number; bytes: number; rss: number } | null = null;
let report = 0;
while (performance.now() - started < minutes * 60_000) {
  train(steps++);
  if (performance.now() - started < report) continue;
  report += (minutes * 60_000) / 20;
  const { buffers, bytes } = backend.memory();
  const { rss, heapUsed } = process.memoryUsage();
  if (first === null && performance.now() - started > warmUpMilliseconds) first = { buffers, bytes, rss };
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `${seconds} s, ${steps} steps: ${buffers} buffers, ${bytes} bytes live; process ${mebibytes(rss)} MiB, heap ${mebibytes(heapUsed)} MiB`,
  );
}
const { buffers, bytes } = backend.memory();
const grown = first === null ? 0 : process.memoryUsage().rss - first.rss;
const flat = first !== null && buffers === first.buffers && bytes === first.bytes && grown < 32 * 2 ** 20;
console.log(
  `${flat ? 'Flat' : 'NOT flat'}: ${steps} steps, process grown by ${mebibytes(grown)} MiB since it was warm.`,
);
process.exitCode = flat ? 0 : 1;
backend.dispose?.();
