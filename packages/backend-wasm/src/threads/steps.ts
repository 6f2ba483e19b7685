// Tasks of steps: every part of a step is to be done before any part of the next one begins. A thread keeps to the part that it claimed
// first, whose operands are then near, and takes another where that one's thread has not come: who waits for a core holds nobody up.

import { claims, claimStride, departed, done, resting, runPart, taskParts, taskSteps, watch } from './control.js';
import type { Task } from './control.js';

/** How long, in ms, parts are left to the threads that keep to them. */
const patience = 0.01;

/** Makes the next task, of so many parts, one of `steps` steps; of none where that is 0. To be called before its parts can be claimed. */
export function prepareSteps(words: Int32Array, parts: number, steps: number): void {
  words[taskSteps] = steps;
  words[departed] = 0;
  if (steps > 0) for (let part = 0; part < parts; part++) words[claims + part * claimStride] = 0;
}

/** Takes part in the current task, keeping to part `own`, until its last step is done; `rest` as `runParts` has it. */
export function runSteps(tasks: readonly Task[], words: Int32Array, own: number, rest: (count: number) => void): void {
  const parts = words[taskParts] as number;
  const steps = words[taskSteps] as number;
  let patient = true;
  for (;;) {
    const count = Atomics.load(words, done);
    const step = Math.floor(count / parts);
    if (step >= steps) break;
    let part = claim(words, own, step) ? own : -1;
    if (part < 0 && !(patient && watch(words, done, count, patience))) {
      part = claimAny(words, parts, step);
      patient = part < 0;
      if (patient && !watch(words, done, count)) rest(count);
    }
    if (part < 0) continue;
    runPart(tasks, words, part, step);
    Atomics.add(words, done, 1);
    if (Atomics.load(words, resting) > 0) Atomics.notify(words, done);
  }
  if (Atomics.add(words, departed, 1) + 1 === parts) Atomics.notify(words, departed);
}

/** Sleeps until a part is done, where there were `count`, for 100 ms at most. */
export function restWithin(words: Int32Array, count: number): void {
  Atomics.add(words, resting, 1);
  Atomics.wait(words, done, count, 100);
  Atomics.sub(words, resting, 1);
}

/** Claims a part of a step; whether nobody had. */
function claim(words: Int32Array, part: number, step: number): boolean {
  return Atomics.compareExchange(words, claims + part * claimStride, step, step + 1) === step;
}

/** Claims any part of the step that nobody had claimed; −1 where there is none. */
function claimAny(words: Int32Array, parts: number, step: number): number {
  for (let part = 0; part < parts; part++) if (claim(words, part, step)) return part;
  return -1;
}
