import { done, runPart, taskParts, taskSteps, unclaimed } from './control.js';
import type { Task } from './control.js';
import { runSteps } from './steps.js';

/**
 * Runs parts of the current task until all are claimed; `words` is the region. Where the task has steps, `rest`
 * sleeps until the count of what is done is no longer the one given, or for a while.
 */
export function runParts(tasks: readonly Task[], words: Int32Array, rest: (count: number) => void): void {
  while (Atomics.load(words, unclaimed) > 0) {
    const part = Atomics.sub(words, unclaimed, 1) - 1;
    if (part < 0) return;
    if ((words[taskSteps] as number) > 0) {
      runSteps(tasks, words, part, rest);
      continue;
    }
    runPart(tasks, words, part, 0);
    if (Atomics.add(words, done, 1) + 1 === (words[taskParts] as number)) Atomics.notify(words, done);
  }
}
