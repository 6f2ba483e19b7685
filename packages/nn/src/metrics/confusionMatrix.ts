import type { Metric, ScoredItems } from './Metric.js';
import { classOf } from './sums.js';

/** Counts of items: `matrix[right][predicted]`, one row and one column for each class. */
export type ConfusionMatrix = readonly (readonly number[])[];

/**
 * How often each class was taken for each: rows are the right classes, columns the predicted ones. An item with a prediction of
 * NaN was taken for none, and is in no column. Of nothing it is `[]`.
 */
export function confusionMatrix(): Metric<ConfusionMatrix> {
  return {
    kinds: ['classes'],
    start() {
      let matrix: number[][] = [];
      return {
        add(items) {
          if (matrix.length === 0) matrix = Array.from({ length: items.outputs }, () => zeros(items.outputs));
          for (let item = 0; item < items.count; item++) {
            const predicted = classOf(items, item);
            if (predicted >= 0) (matrix[items.targets[item] as number] as number[])[predicted]!++;
          }
        },
        value: () => matrix.map((row) => [...row]),
      };
    },
  };
}

/** Of each class, or each binary output: how often it was right to name it, wrong to, and wrong not to. */
export interface ClassCounts {
  readonly truePositives: number[];
  readonly falsePositives: number[];
  readonly falseNegatives: number[];
}

/** No counts yet, for so many classes. */
export function noCounts(classes: number): ClassCounts {
  return { truePositives: zeros(classes), falsePositives: zeros(classes), falseNegatives: zeros(classes) };
}

/** Adds the items of a stretch to counts. */
export function addCounts(counts: ClassCounts, items: ScoredItems): void {
  const { truePositives, falsePositives, falseNegatives } = counts;
  const { kind, count, outputs, predictions, targets } = items;
  for (let item = 0; item < count; item++) {
    if (kind === 'classes') {
      const [right, predicted] = [targets[item] as number, classOf(items, item)];
      if (right === predicted) truePositives[right]!++;
      else {
        falseNegatives[right]!++;
        if (predicted >= 0) falsePositives[predicted]!++;
      }
      continue;
    }
    for (let at = 0; at < outputs; at++) {
      const [right, predicted] = [
        (targets[item * outputs + at] as number) > 0.5,
        (predictions[item * outputs + at] as number) > 0,
      ];
      if (right && predicted) truePositives[at]!++;
      else if (right) falseNegatives[at]!++;
      else if (predicted) falsePositives[at]!++;
    }
  }
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}
