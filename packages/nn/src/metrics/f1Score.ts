import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { addCounts, noCounts, type ClassCounts } from './confusionMatrix.js';
import type { Measurement, Metric } from './Metric.js';

/** How the figures of several classes become one. */
export interface AverageOptions {
  /**
   * - `macro` (the default): the mean over the classes that occur, be it as right ones or as predicted ones;
   * - `weighted`: the same, each class by how often it is the right one;
   * - `micro`: of all items counted together.
   */
  readonly average?: 'macro' | 'weighted' | 'micro';
  /** The figure of this class (or binary output) alone; then there is nothing to average. */
  readonly of?: number;
}

const averageTable = optionTable<AverageOptions>({ average: ['macro', 'weighted', 'micro'], of: 'number' });

type Count = readonly [truePositives: number, falsePositives: number, falseNegatives: number];

/** The share of what was named a class that is of it. Where nothing was named so, it is 0. */
export function precision(options: AverageOptions = {}): Metric {
  return averaged('precision', options, ([right, wrong]) => ratio(right, right + wrong));
}

/** The share of a class that was found. Of a class without items it is 0. */
export function recall(options: AverageOptions = {}): Metric {
  return averaged('recall', options, ([right, , missed]) => ratio(right, right + missed));
}

/** The harmonic mean of precision and recall of each class, `2·TP / (2·TP + FP + FN)`, averaged over the classes. */
export function f1Score(options: AverageOptions = {}): Metric {
  return averaged('f1Score', options, ([right, wrong, missed]) => ratio(2 * right, 2 * right + wrong + missed));
}

function averaged(name: string, options: AverageOptions, figure: (count: Count) => number): Metric {
  checkOptions(name, options, averageTable);
  const { average = 'macro', of } = options;
  if (of !== undefined && (!Number.isSafeInteger(of) || of < 0))
    throw new ArgumentError(`${name}: of must be the number of a class, from 0, but is ${of}.`);
  if (of !== undefined && options.average !== undefined)
    throw new ArgumentError(`${name}: with of, one class is looked at and nothing averaged; leave average out.`);
  return {
    kinds: ['classes', 'binary'],
    start(): Measurement<number> {
      let counts: ClassCounts | null = null;
      return {
        add(items) {
          if (of !== undefined && of >= items.outputs)
            throw new ArgumentError(
              `${name}: of is ${of}, but the model predicts ${items.outputs} classes, 0 to ${items.outputs - 1}.`,
            );
          addCounts((counts ??= noCounts(items.outputs)), items);
        },
        value() {
          if (counts === null) return NaN;
          const each = countsOf(counts);
          return of === undefined ? averages[average](each, figure) : figure(each[of] as Count);
        },
      };
    },
  };
}

const averages = {
  macro(counts: readonly Count[], figure: (count: Count) => number): number {
    const occurring = counts.filter((count) => count.some((number) => number > 0));
    return total(occurring.map(figure)) / occurring.length;
  },
  weighted(counts: readonly Count[], figure: (count: Count) => number): number {
    const support = ([right, , missed]: Count): number => right + missed;
    return ratio(total(counts.map((count) => support(count) * figure(count))), total(counts.map(support)));
  },
  micro: (counts: readonly Count[], figure: (count: Count) => number): number =>
    figure([0, 1, 2].map((which) => total(counts.map((count) => count[which] as number))) as unknown as Count),
};

function countsOf({ truePositives, falsePositives, falseNegatives }: ClassCounts): Count[] {
  return truePositives.map((right, at) => [right, falsePositives[at] as number, falseNegatives[at] as number]);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
