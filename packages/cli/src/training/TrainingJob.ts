import type { Key, Strategy } from '@tempograd/core';
import type { Checkpoint, CheckpointStore, Optimiser } from '@tempograd/nn';
import type { Interrupt } from '../interrupt.js';
import type { Writer } from '../model/modelFile.js';
import type { Corpus } from './corpus.js';
import type { TrainPlan } from './runPlan.js';

/** All that a training needs. */
export interface TrainingJob {
  readonly writer: Writer;
  readonly corpus: Corpus;
  readonly plan: TrainPlan;
  readonly strategy: Strategy;
  readonly optimiser: Optimiser;
  readonly key: Key;
  readonly store: CheckpointStore;
  /** Where to go on from; null at the beginning. */
  readonly resume: Checkpoint | null;
  readonly interrupt: Interrupt;
}
