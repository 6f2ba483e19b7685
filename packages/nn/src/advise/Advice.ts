import type { CheckpointOptions, Strategy, TruncatedBpttOptions } from '@tempograd/core';

/** Kinds of tasks that there are rules for. */
export const advisedTasks = ['characters', 'words', 'speech', 'timeSeries', 'video'] as const;

/** A kind of task. */
export type AdvisedTask = (typeof advisedTasks)[number];

/** How to get gradients: a strategy by name, and what it is called with. Plain JSON. */
export type StrategyChoice =
  | { readonly name: 'fullBptt' }
  | { readonly name: 'checkpointedBptt'; readonly options: Pick<CheckpointOptions, 'bytes'> }
  | { readonly name: 'truncatedBptt'; readonly options: TruncatedBpttOptions };

/** What a choice costs, as far as it is known. */
export interface ChoiceCost {
  /** The choice. */
  readonly choice: StrategyChoice;
  /** In a few words. */
  readonly what: string;
  /** Steps computed for each step trained on, a step backward counted as two forward: 3 where each step is run once and pulled back once. With checkpoints steps run again, about once. */
  readonly work: number;
  /** Rows in parallel that it was planned with; null without a model. */
  readonly batch: number | null;
  /** Planned peak memory; null without a model, and where one whole sequence is too long to be planned for. */
  readonly bytes: number | null;
  /** Measured seconds for each step trained on, all rows together; null without data. */
  readonly secondsPerStep: number | null;
  /** Measured share of the gradient that its updates keep, at least; null without data. */
  readonly keptShare: number | null;
}

/** What to train with, and why. */
export interface Advice {
  /** Ready for `fit`. */
  readonly strategy: Strategy;
  /** The same as plain JSON. */
  readonly choice: StrategyChoice;
  /** Rows in parallel that fit the budget; null without a model. */
  readonly batch: number | null;
  /** Cell of the model: an option of `sequenceModel` and `charModel`. */
  readonly cell: 'lstm' | 'gru';
  /** How its gates start: options of `sequenceModel` and `charModel`. */
  readonly initialisation:
    { readonly forgetBias: number } | { readonly chrono: number } | Readonly<Record<string, never>>;
  /** Pooling of the outputs: an option of `sequenceModel`. */
  readonly pooling: 'none' | 'attention';
  /** Why, in sentences. */
  readonly reasons: readonly string[];
  /** What it costs, as far as that is known. */
  readonly cost: ChoiceCost;
  /** What else could be done, and what that costs. */
  readonly alternatives: readonly ChoiceCost[];
  /** What was measured on the data; null where none was given. */
  readonly measured: MeasuredDecay | null;
}

/** How the gradient fades on its way back, measured on a model and its data. */
export interface MeasuredDecay {
  /** The share of its gradient that a loss is to keep. */
  readonly share: number;
  /** The fewest steps back with which it does. */
  readonly steps: number;
  /** Whether the gradient reaches beyond the steps that were looked at, so that `steps` is too few. */
  readonly reachesBeyond: boolean;
  /** `‖G[s][s−k]‖` for k = 0, 1, …: what a loss says of the parameters as used k steps before, the mean over some losses. */
  readonly byLag: readonly number[];
}
