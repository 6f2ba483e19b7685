import type { DataSource, SequenceModelConfig, SequenceStretch } from '@tempograd/nn';

/** A task that can only be learnt by remembering, drawn anew for every update: there is no data to learn by heart. */
export interface MemoryTask {
  /** The loss per item of whoever does not look at what is shown, and gives the answer that is best then. */
  readonly blind: number;
  /** Steps of a sequence. */
  readonly steps: number;
  /** What a model must be told to read it and to answer. */
  readonly model: Pick<SequenceModelConfig, 'input' | 'outputs' | 'loss'>;
  /** Sequences without end; the same seed gives the same. */
  readonly data: (batch: number, seed: number) => DataSource<SequenceStretch>;
}
