// What a training step costs in JavaScript, on Dawn's null device, which computes nothing: dispatches, submissions, bytes of
// parameters, and microseconds, the least and the median of many updates.
//
//   node scripts/encode-cost.js [--hidden 128] [--batch 32] [--steps 50] [--updates 60] [--composed]
//
// Build the packages first: it measures dist.
import { parseArgs } from 'node:util';
import { keep, key, scope, truncatedBptt, useBackend } from '@tempograd/core';
import { adam, characterVocabulary, charModel, contiguousStreams, fit } from '@tempograd/nn';
import { create } from 'webgpu';
import { engineOf } from '../dist/engine/engineOf.js';
import { createBackend } from '../dist/index.js';

const { values } = parseArgs({
  options: {
    hidden: { type: 'string', default: '128' },
    batch: { type: 'string', default: '32' },
    steps: { type: 'string', default: '50' },
    updates: { type: 'string', default: '60' },
    composed: { type: 'boolean', default: false },
  },
});
const [hidden, batch, steps, updates] = [values.hidden, values.batch, values.steps, values.updates].map(Number);

/**
 * The same backend, its ops' time noted by name.
 *
 * @template {object} B
 * @param {B} backend
 * @param {Map<string, { calls: number, time: number }>} spent
 * @returns {B}
 */
function timed(backend, spent) {
  const entries = Object.entries(backend).map(([name, op]) => {
    if (typeof op !== 'function' || name === 'read') return [name, op];
    const note = { calls: 0, time: 0 };
    spent.set(name, note);
    /** @param {unknown[]} args */
    const run = (...args) => {
      const begin = performance.now();
      try {
        return op(...args);
      } finally {
        note.calls++;
        note.time += performance.now() - begin;
      }
    };
    return [name, run];
  });
  return Object.fromEntries(entries);
}

/** @param {number[]} times in ms */
const told = (times) => {
  const sorted = times.toSorted((a, b) => a - b);
  const [least, median] = [sorted[0], sorted[sorted.length >> 1]].map((ms) => (1000 * ms).toFixed(0));
  return `${least} µs at least, ${median} µs in the middle`;
};

/** Exported so that it is kept: collected, it takes the process down. */
export const gpu = create(['backend=null']);
const adapter = await gpu.requestAdapter();
if (adapter === null) throw new Error("Dawn's null device is missing: reinstall the package webgpu.");
const plain = await createBackend({ adapter });
/** @type {Map<string, { calls: number, time: number }>} */
const spent = new Map();
const backend = timed(plain, spent);
if (values.composed)
  for (const name of ['recurrentForward', 'recurrentBackward', 'compileSegment']) Reflect.deleteProperty(backend, name);
useBackend(backend);
const { commands } = engineOf(plain);

const text = 'the quick brown fox jumps over the lazy dog, 0123456789; '.repeat(
  Math.ceil(((updates + 2) * batch * steps) / 50),
);
const vocabulary = characterVocabulary(text);
const task = charModel({ vocabulary: vocabulary.size, embedding: hidden, hidden, cell: 'lstm' });
const params = scope(() => keep(task.init(key(1))));
const data = contiguousStreams(text, { vocabulary, batch, steps });

const [whole, inOps] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
let before = { ...commands.counts };
let begin = performance.now();
/** @type {Map<string, { calls: number, time: number }>} */
let least = new Map();
const training = fit({
  task, params, data, updates, clip: { norm: 1 }, key: key(2), optimiser: adam({ learningRate: 0.01 }),
  strategy: truncatedBptt({ updateEvery: steps }),
}); // prettier-ignore
let counted = before;
for await (const { update } of training) {
  const now = { ...commands.counts };
  // The first ones warm up, and the last one enqueues no gradient beyond it.
  if (update > 5 && update < updates) {
    counted = {
      dispatches: now.dispatches - before.dispatches,
      submissions: now.submissions - before.submissions,
      readBacks: now.readBacks - before.readBacks,
    };
    const total = [...spent.values()].reduce((sum, { time }) => sum + time, 0);
    if (inOps.every((time) => total < time)) least = new Map([...spent].map(([name, note]) => [name, { ...note }]));
    whole.push(performance.now() - begin);
    inOps.push(total);
  }
  for (const note of spent.values()) Object.assign(note, { calls: 0, time: 0 });
  before = now;
  begin = performance.now();
}
const { dispatches, submissions, readBacks } = counted;
console.log(`LSTM, hidden ${hidden}, batch ${batch}, ${steps} steps an update${values.composed ? ', composed' : ''}`);
console.log(
  `${dispatches} dispatches, ${submissions} submissions, ${readBacks} read-backs, ${dispatches * 256} bytes of parameters`,
);
console.log(`an update:  ${told(whole)}`);
console.log(`in the backend: ${told(inOps)}; of the least:`);
for (const [name, { calls, time }] of [...least].toSorted((a, b) => b[1].time - a[1].time).slice(0, 15)) {
  if (calls > 0)
    console.log(`  ${name.padEnd(22)} ${String(calls).padStart(5)} calls ${(1000 * time).toFixed(0).padStart(6)} µs`);
}
plain.dispose?.();
