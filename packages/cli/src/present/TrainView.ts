import type { Finding, GradientHealth } from '@tempograd/nn';
import type { TextUnit } from '@tempograd/nn/node';
import type { Unsaved } from '../training/PatientStore.js';
import type { TrainPlan } from '../training/runPlan.js';
import type { Outcome, Verdict } from '../training/verdict.js';

/** What is shown of a training under way. Loss figures are bits per item. */
export interface Progress {
  readonly unit: TextUnit;
  readonly update: number;
  readonly updates: number;
  /** Of the update itself. */
  readonly bitsPerItem: number;
  /** Averaged over recent updates. */
  readonly recentBitsPerItem: number;
  /** Of this session. */
  readonly itemsPerSecond: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly secondsLeft: number;
}

/** How far a text has been read, before there is a plan. */
export interface Reading {
  readonly title: string;
  readonly bytes: number;
  readonly of: number;
}

/** A look at what the model can do by now. */
export interface Milestone {
  readonly unit: TextUnit;
  readonly update: number;
  readonly updates: number;
  /** On the beginning of the held-out text; null before the first update. */
  readonly heldOutBitsPerItem: number | null;
  readonly sample: string;
}

/** What came of a training. */
export interface TrainSummary extends Outcome {
  readonly updates: number;
  readonly itemsSeen: number;
  readonly passes: number;
  readonly seconds: number;
  readonly heldOutItems: number;
  /** Of the held-out text; null where it has unknown words, whose characters the model does not foretell. */
  readonly heldOutBitsPerCharacter: number | null;
  /** Held-out items that the vocabulary does not have. */
  readonly heldOutUnknown: number;
  readonly verdict: Verdict;
  readonly peakBytes: number;
  readonly model: string;
  readonly modelBytes: number;
  readonly checkpoint: string;
  readonly sample: string;
}

/** A training that was stopped. */
export interface Stopped {
  readonly update: number;
  readonly updates: number;
  /** Null when no update had been taken, so that there is nothing to go on from. */
  readonly checkpoint: string | null;
}

/** How a training is shown: to people or to programs. */
export interface TrainView {
  note(text: string): void;
  /** Where reading takes a while. */
  reading(reading: Reading): void;
  plan(plan: TrainPlan): void;
  progress(progress: Progress): void;
  /** How the gradients of an update are doing, now and then. */
  health(health: GradientHealth): void;
  /** Something is wrong with the training, or not any more. */
  finding(finding: Finding): void;
  milestone(milestone: Milestone): void;
  /** A checkpoint could not be written; the training goes on. */
  unsaved(unsaved: Unsaved): void;
  /** A stop was asked for; the update under way is still finished. */
  stopping(): void;
  stopped(stopped: Stopped): void;
  done(summary: TrainSummary): void;
  /** Leaves the terminal as it was. */
  close(): void;
}
