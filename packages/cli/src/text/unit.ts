import type { TextUnit } from '@tempograd/nn/node';
import { counted } from '../present/format.js';

/** What is to be known of the items that a text is made of. */
export interface UnitFacts {
  /** One of them. */
  readonly one: string;
  /** Several, where there is little room. */
  readonly short: string;
  /** How many are held out, at most: more would make the figure no more exact, and take longer than many a training. */
  readonly mostHeldOut: number;
  /** How many of those are evaluated on along the way; at the end it is all of them. */
  readonly heldOutSample: number;
  /** How many a sample has that is shown. */
  readonly sampleLength: number;
}

/** The units by name. What a word costs is more by as many as there are more words than characters. */
export const units: Readonly<Record<TextUnit, UnitFacts>> = {
  characters: { one: 'character', short: 'char', mostHeldOut: 1_000_000, heldOutSample: 16_384, sampleLength: 240 },
  words: { one: 'word', short: 'word', mostHeldOut: 100_000, heldOutSample: 4096, sampleLength: 50 },
  bytes: { one: 'byte', short: 'byte', mostHeldOut: 1_000_000, heldOutSample: 16_384, sampleLength: 240 },
};

/** `1 word`, `2 words`. */
export function countedItems(count: number, unit: TextUnit): string {
  return counted(count, units[unit].one);
}
