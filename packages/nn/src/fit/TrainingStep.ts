import type { StepRange, TruncationEstimate } from '@tempograd/core';
import type { GradientHealth } from '../health/index.js';
import type { Metrics } from '../metrics/index.js';
import type { Best } from './EarlyStopping.js';
import type { Evaluation } from './evaluate.js';
import type { TrainingPosition } from './TrainingPosition.js';

/** One update that was taken. */
export interface TrainingStep<M extends Metrics = Metrics> {
  /** Its number, from 1. */
  readonly update: number;
  /** Times through the data before it. */
  readonly epoch: number;
  /** Mean loss per item over the steps whose losses were in it, before the update. */
  readonly loss: number;
  /** Items that is the mean of. */
  readonly items: number;
  /** What the gradient of the summed loss was divided by. */
  readonly normaliser: number;
  /** Updates since the step before, or the beginning, in which no loss counted: they changed nothing and are not handed on. */
  readonly skipped: number;
  /** Steps of the sequence whose losses were in it; where gradients are accumulated, of the last update of them. */
  readonly lossSteps: StepRange;
  /** Steps of the sequence at which the recurrence's parameters were moved: as far back as the gradient looks; the last update's, too. */
  readonly parameterSteps: StepRange;
  /** Steps whose losses the strategy left out for good. */
  readonly droppedLosses: number;
  /** Steps run forward for it, those run again included; where gradients are accumulated, by all updates together. */
  readonly forwardSteps: number;
  /** Steps run backward for it, by all updates together. */
  readonly backwardSteps: number;
  /**
   * Whether, at frozen parameters and in expectation, it is (a multiple of) all that its losses say of the parameters at every step before
   * them: false where it was cut off before the sequence's beginning.
   */
  readonly unbiased: boolean;
  /** With a strategy that measures how far back to go, what it found; the last update's where they are accumulated. Null with others. */
  readonly truncation: TruncationEstimate | null;
  /** Norm of the gradient divided by the normaliser, before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Where the data goes on after it. */
  readonly position: TrainingPosition;
  /** Present every `evaluate.every` updates, with the parameters after the update. */
  readonly evaluation: Evaluation<M> | null;
  /** Where `earlyStopping` is asked for, the best value so far of what it watches, and the update whose step had it. */
  readonly best: Best | null;
  /** Present every `health.every` updates: how the gradients of this one are doing. */
  readonly health: GradientHealth | null;
  /** Whether a checkpoint was saved after it. */
  readonly saved: boolean;
  /** Highest bytes live on the backend during it, all that was live before included. */
  readonly peakBytes: number;
}
