import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import type { Metric, ScoredItems } from './Metric.js';
import { classOf, meanOf } from './sums.js';

/**
 * The share of items whose likeliest class is the right one; of binary outputs, the share of outputs on the right side of 0. Where
 * a prediction is NaN it is wrong. Of nothing it is NaN.
 */
export function accuracy(): Metric {
  return meanOf(['classes', 'binary'], (items) => ({
    sum: items.kind === 'classes' ? rightClasses(items) : rightOutputs(items),
    count: items.kind === 'classes' ? items.count : items.count * items.outputs,
  }));
}

/** How many of the likeliest classes are looked at. */
export interface TopKOptions {
  /** k: 1 is plain accuracy. */
  readonly k: number;
}

const topKTable = optionTable<TopKOptions>({ k: required('number') });

/** The share of items whose right class is among the k likeliest; of classes that are equally likely the lower ones come first. */
export function topKAccuracy(options: TopKOptions): Metric {
  checkOptions('topKAccuracy', options, topKTable);
  const { k } = options;
  if (!Number.isSafeInteger(k) || k < 1)
    throw new ArgumentError(`topKAccuracy: k must be a whole number ≥ 1, but is ${k}.`);
  return meanOf(['classes'], (items) => {
    let sum = 0;
    for (let item = 0; item < items.count; item++) if (rankOf(items, item) < k) sum++;
    return { sum, count: items.count };
  });
}

function rightClasses(items: ScoredItems): number {
  let right = 0;
  for (let item = 0; item < items.count; item++) if (classOf(items, item) === items.targets[item]) right++;
  return right;
}

function rightOutputs({ predictions, targets, count, outputs }: ScoredItems): number {
  let right = 0;
  for (let at = 0; at < count * outputs; at++) {
    const logit = predictions[at] as number;
    if (!Number.isNaN(logit) && logit > 0 === (targets[at] as number) > 0.5) right++;
  }
  return right;
}

/** How many classes are likelier than the right one; infinite where a logit is NaN. */
function rankOf({ predictions, targets, outputs }: ScoredItems, item: number): number {
  const target = targets[item] as number;
  const first = item * outputs;
  const own = predictions[first + target] as number;
  let rank = 0;
  for (let at = 0; at < outputs; at++) {
    const logit = predictions[first + at] as number;
    if (Number.isNaN(logit)) return Infinity;
    if (logit > own || (logit === own && at < target)) rank++;
  }
  return rank;
}
