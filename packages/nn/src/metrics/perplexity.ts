import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import type { Metric, ScoredItems } from './Metric.js';
import { meanOf } from './sums.js';

/** `exp` of the mean of `−ln p(right class)`: as unsure as among so many equally likely ones. Label smoothing has no part in it. */
export function perplexity(): Metric {
  return meanOf(['classes'], surprise, Math.exp);
}

/** What an item of the vocabulary is in characters. */
export interface BitsOptions {
  /** Characters of an item, on average over the text that is evaluated on; default is 1, of a model that predicts characters. */
  readonly charactersPerItem?: number;
}

const bitsTable = optionTable<BitsOptions>({ charactersPerItem: 'number' });

/** The mean of `−log₂ p(right class)`, for each character. Models of words, subwords and bytes can be compared by it too. */
export function bitsPerCharacter(options: BitsOptions = {}): Metric {
  checkOptions('bitsPerCharacter', options, bitsTable);
  const { charactersPerItem = 1 } = options;
  if (!(charactersPerItem > 0 && Number.isFinite(charactersPerItem)))
    throw new ArgumentError(
      `bitsPerCharacter: charactersPerItem must be a finite number above 0, but is ${charactersPerItem}.`,
    );
  return meanOf(['classes'], surprise, (nats) => nats / Math.LN2 / charactersPerItem);
}

/** `Σ −ln softmax(logits)[right class]`. */
function surprise({ predictions, targets, count, outputs }: ScoredItems): { sum: number; count: number } {
  let sum = 0;
  for (let item = 0; item < count; item++) {
    const first = item * outputs;
    let largest = -Infinity;
    for (let at = first; at < first + outputs; at++) largest = Math.max(largest, predictions[at] as number);
    let weight = 0;
    for (let at = first; at < first + outputs; at++) weight += Math.exp((predictions[at] as number) - largest);
    sum += Math.log(weight) + largest - (predictions[first + (targets[item] as number)] as number);
  }
  return { sum, count };
}
