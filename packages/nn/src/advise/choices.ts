import { fullBptt, truncatedBptt, type Strategy } from '@tempograd/core';
import type { StrategyChoice } from './Advice.js';
import type { Lengths } from './keptShare.js';

/** The strategy that a choice names. */
export function strategyOf(choice: StrategyChoice): Strategy {
  return choice.name === 'fullBptt' ? fullBptt() : truncatedBptt(choice.options);
}

/** As it is written in a program: `truncatedBptt({ updateEvery: 20, backwardSteps: 40 })`. */
export function strategyCode(choice: StrategyChoice): string {
  if (choice.name === 'fullBptt') return 'fullBptt()';
  const options = Object.entries(choice.options).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return `truncatedBptt({ ${options.join(', ')} })`;
}

/** Chunks that do not overlap. */
export function chunks(steps: number): StrategyChoice {
  return { name: 'truncatedBptt', options: { updateEvery: steps, backwardSteps: steps } };
}

/** Windows that overlap. */
export function windows(updateEvery: number, backwardSteps: number): StrategyChoice {
  return { name: 'truncatedBptt', options: { updateEvery, backwardSteps } };
}

/** Its lengths; of a whole sequence both are Infinity. */
export function lengthsOf(choice: StrategyChoice): Lengths {
  if (choice.name === 'fullBptt') return { updateEvery: Infinity, backwardSteps: Infinity };
  const { updateEvery, backwardSteps = updateEvery } = choice.options;
  return { updateEvery, backwardSteps };
}

/** Steps computed for each step trained on, one back counted as two forward. */
export function workOf(choice: StrategyChoice): number {
  const { updateEvery, backwardSteps } = lengthsOf(choice);
  return updateEvery === Infinity ? 3 : 1 + (2 * backwardSteps) / updateEvery;
}

/** In a few words. */
export function wordsOf(choice: StrategyChoice): string {
  const { updateEvery, backwardSteps } = lengthsOf(choice);
  if (updateEvery === Infinity) return 'whole sequences';
  if (updateEvery === backwardSteps) return `chunks of ${updateEvery} steps`;
  return `windows of ${backwardSteps} steps, an update every ${updateEvery}`;
}
