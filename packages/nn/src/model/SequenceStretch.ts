import type { LstmCarry, Tensor } from '@tempograd/core';
import type { CarryTree, RecurrentLayerParams } from '../layers/index.js';
import type { EmbeddingsOf } from './inputReader.js';
import type { InputsOf, ModelInput, NamedInputs } from './ModelInput.js';
import type { PoolingCarry, PoolingParams } from './pooling/Pooling.js';

/** Parameters of a sequence model; flattened by `treeEntries` they bear the names of a PyTorch state dict. */
export interface SequenceModelParams<I extends ModelInput | NamedInputs = ModelInput> {
  /** Absent where nothing is looked up; by name where there are several inputs. */
  readonly embedding?: EmbeddingsOf<I>;
  readonly rnn: RecurrentLayerParams;
  /** Where the pooling has parameters. */
  readonly pooling?: PoolingParams;
  /** Its weight is absent where it is the embedding's. */
  readonly head: { readonly weight?: Tensor; readonly bias: Tensor };
}

/** h, or h and c for an LSTM, `[layers · directions, batch, hidden]`; or a cell's own tree, of `[layers · directions, batch, …]`. */
export type RecurrentCarry = Tensor | LstmCarry | CarryTree;

/** The carry of a model that pools: the recurrence's, and what was pooled so far, `[1, batch, …]`. */
export interface PooledCarry {
  readonly rnn: RecurrentCarry;
  readonly pooling: PoolingCarry;
}

/** The carry of a sequence model: a tree of tensors whose second axis is the batch. Batch 1 stands for every row. */
export type SequenceModelCarry = RecurrentCarry | PooledCarry;

/** What the recurrence reads. */
export interface SequenceInputs<I extends ModelInput | NamedInputs = ModelInput> {
  /** i32 `[time, batch]` for a vocabulary, else `[time, batch, features]`; where a model has several inputs, these by name. */
  readonly inputs: InputsOf<I>;
  /** i32 `[time, batch]`; a step where it is 0 changes no carry and adds nothing to the loss. Default: all steps count. */
  readonly mask?: Tensor | null;
}

/** A stretch of sequence to learn. */
export interface SequenceStretch<I extends ModelInput | NamedInputs = ModelInput> extends SequenceInputs<I> {
  /** Classes, i32 `[time, batch]`, for crossEntropy, where a negative one is not counted; else `[time, batch, outputs]`. */
  readonly targets: Tensor;
  /**
   * i32 `[time, batch]`; a step where it is 0 is read, but adds nothing to the loss, whatever its target. One label for each
   * sequence is 1 at the row's last valid step and 0 elsewhere: however the sequence is cut, the update that reaches that step learns
   * it. Default: all steps that are not masked count.
   */
  readonly lossMask?: Tensor | null;
}
