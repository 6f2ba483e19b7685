import { checkpointedBptt, fullBptt, truncatedBptt, type Strategy } from '@tempograd/core';
import type { StrategyChoice } from './Advice.js';
import type { Lengths } from './keptShare.js';

/** The strategy that a choice names. */
export function strategyOf(choice: StrategyChoice): Strategy {
  if (choice.name === 'fullBptt') return fullBptt();
  return choice.name === 'checkpointedBptt' ? checkpointedBptt(choice.options) : truncatedBptt(choice.options);
}

/** As it is written in a program: `truncatedBptt({ updateEvery: 20, backwardSteps: 40 })`. */
export function strategyCode(choice: StrategyChoice): string {
  const options = choice.name === 'fullBptt' ? {} : choice.options;
  return `${choice.name}(${Object.keys(options).length === 0 ? '' : code(options)})`;
}

function code(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, each]) => `${name}: ${code(each)}`);
  return `{ ${entries.join(', ')} }`;
}

/** The same with states stored within so many bytes, and the rest run again. */
export function withCheckpoints(choice: StrategyChoice, bytes: number): StrategyChoice {
  if (choice.name !== 'truncatedBptt') return { name: 'checkpointedBptt', options: { bytes } };
  return { ...choice, options: { ...choice.options, checkpoints: { bytes } } };
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
  if (choice.name !== 'truncatedBptt') return { updateEvery: Infinity, backwardSteps: Infinity };
  const { updateEvery, backwardSteps = updateEvery } = choice.options;
  return { updateEvery, backwardSteps };
}

/** Whether steps run again on the way back. */
export function isCheckpointed(choice: StrategyChoice): boolean {
  return (
    choice.name === 'checkpointedBptt' || (choice.name === 'truncatedBptt' && choice.options.checkpoints !== undefined)
  );
}

/** Steps computed for each step trained on, one back counted as two forward. */
export function workOf(choice: StrategyChoice): number {
  const { updateEvery, backwardSteps } = lengthsOf(choice);
  const back = updateEvery === Infinity ? 1 : backwardSteps / updateEvery;
  return 1 + (isCheckpointed(choice) ? 3 : 2) * back;
}

/** In a few words. */
export function wordsOf(choice: StrategyChoice): string {
  const { updateEvery, backwardSteps } = lengthsOf(choice);
  const how = isCheckpointed(choice) ? ', checkpointed' : '';
  if (updateEvery === Infinity) return `whole sequences${how}`;
  if (updateEvery === backwardSteps) return `chunks of ${updateEvery} steps${how}`;
  return `windows of ${backwardSteps} steps, an update every ${updateEvery}${how}`;
}
