import type { Measurement, Metric, PredictionKind, ScoredItems } from './Metric.js';

/** A metric that is a mean over items: `add` gives the sum over a stretch and how many numbers are in it; NaN of none. */
export function meanOf(
  kinds: readonly PredictionKind[],
  add: (items: ScoredItems) => { readonly sum: number; readonly count: number },
  finish: (mean: number) => number = (mean) => mean,
): Metric {
  return {
    kinds,
    start(): Measurement<number> {
      let [total, counted] = [0, 0];
      return {
        add(items) {
          const { sum, count } = add(items);
          total += sum;
          counted += count;
        },
        value: () => finish(total / counted),
      };
    },
  };
}

/** The class with the largest logit among those of an item, the lowest of equals; −1 where one of them is NaN. */
export function classOf({ predictions, outputs }: ScoredItems, item: number): number {
  const first = item * outputs;
  let best = 0;
  for (let at = 0; at < outputs; at++) {
    const logit = predictions[first + at] as number;
    if (Number.isNaN(logit)) return -1;
    if (logit > (predictions[first + best] as number)) best = at;
  }
  return best;
}
