import { ArgumentError, type Key } from '@tempograd/core';
import { checkOptions, optionTable, type OptionKinds } from '@tempograd/core/backend';
import type { StopCondition } from './StopText.js';

/** How to go on, and how boldly. */
export interface SampleOptions {
  /** Items to write: characters, bytes, words or tokens. Default is without end. */
  readonly length?: number;
  /** Divides the logits: below 1 is more careful, 0 always takes the likeliest item. Default is 1. */
  readonly temperature?: number;
  /** Draw from so many of the likeliest items only; default is from all. */
  readonly topK?: number;
  /** Draw only from the likeliest items that have this share of the probability together; default is 1, from all. */
  readonly topP?: number;
  /**
   * Ends the text before one of these texts, or after a piece with which a function of all that is written says so. A vocabulary's
   * end always ends it.
   */
  readonly stop?: StopCondition;
  /** The same key, prompt and settings give the same text, whatever else is written at the same time; default is `key(0)`. */
  readonly key?: Key;
}

/** What to write on from, and how. */
export interface WriteOptions extends SampleOptions {
  /**
   * Text to go on from, which is not given out again. Default is what the stream has read; where that is nothing, the vocabulary's
   * start, else a line feed, else its first item.
   */
  readonly prompt?: string;
}

/** Kinds of `SampleOptions`. */
export const sampleKinds: OptionKinds<SampleOptions> = {
  length: 'number',
  temperature: 'number',
  topK: 'number',
  topP: 'number',
  stop: 'string or array or function',
  key: 'key',
};

const writeTable = optionTable<WriteOptions>({ ...sampleKinds, prompt: 'string' });
const manyTable = optionTable<SampleOptions>(sampleKinds);

/** @throws ArgumentError where an option makes no sense. */
export function checkWriteOptions(of: string, options: WriteOptions): void {
  checkOptions(of, options, writeTable);
  if (options.prompt === '')
    throw new ArgumentError(`${of}: the prompt is empty; give one character at least, or none.`);
  checkValues(of, options);
}

/** @throws ArgumentError where an option makes no sense. */
export function checkSampleOptions(of: string, options: SampleOptions): void {
  checkOptions(of, options, manyTable);
  checkValues(of, options);
}

function checkValues(of: string, { length = 1, temperature = 1, topK = 1, topP = 1, stop = [] }: SampleOptions): void {
  if (!(temperature >= 0 && Number.isFinite(temperature)))
    throw new ArgumentError(`${of}: temperature must be a finite number ≥ 0, but is ${temperature}.`);
  for (const [name, value, least] of [
    ['length', length, 0],
    ['topK', topK, 1],
  ] as const) {
    if (value !== Infinity && !(Number.isSafeInteger(value) && value >= least))
      throw new ArgumentError(`${of}: ${name} must be a whole number ≥ ${least}, but is ${value}.`);
  }
  if (!(topP > 0 && topP <= 1)) throw new ArgumentError(`${of}: topP must lie in (0, 1], but is ${topP}.`);
  const isText = (text: unknown): boolean => typeof text === 'string' && text !== '';
  if (typeof stop !== 'function' && !(typeof stop === 'string' ? [stop] : stop).every(isText))
    throw new ArgumentError(`${of}: stop must be a text, a list of texts, none of them empty, or a function.`);
}
