import type { EmbeddingParams, LinearParams, RecurrentLayerParams } from '@tempograd/nn';
import type { OnnxNode } from '../file/OnnxFile.js';

/** A `Gather` from a table of the file: what `embedding({ vocabulary, size })` applies. */
export interface ImportedEmbedding {
  readonly kind: 'embedding';
  readonly nodes: readonly OnnxNode[];
  readonly vocabulary: number;
  readonly size: number;
  readonly params: EmbeddingParams;
}

/** Recurrent nodes, each on the outputs of the one before: what `lstm`, `gru` or `rnn` with these sizes applies. */
export interface ImportedRecurrence {
  readonly kind: 'recurrent';
  readonly nodes: readonly OnnxNode[];
  readonly cell: 'lstm' | 'gru' | 'rnnTanh' | 'rnnRelu';
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly bidirectional: boolean;
  readonly bias: boolean;
  readonly params: RecurrentLayerParams;
}

/** A `Gemm`, or a `MatMul` and the `Add` after it: what `linear({ inputs, outputs })` applies. */
export interface ImportedLinear {
  readonly kind: 'linear';
  readonly nodes: readonly OnnxNode[];
  readonly inputs: number;
  readonly outputs: number;
  readonly params: LinearParams;
}

/** A layer found in a file. */
export type ImportedLayer = ImportedEmbedding | ImportedRecurrence | ImportedLinear;
