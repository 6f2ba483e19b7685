import { ArgumentError } from '@tempograd/core';

/** What a sequence model reads at each step. */
export type ModelInput =
  /** Items of a vocabulary by number, i32 `[time, batch]`, each looked up in an embedding of size `embedding`. */
  | { readonly vocabulary: number; readonly embedding: number }
  /** Numbers, `[time, batch, features]`, given to the recurrence as they are. */
  | { readonly features: number };

/** The losses a sequence model can be trained with. */
export const modelLosses = ['crossEntropy', 'meanSquaredError', 'binaryCrossEntropy'] as const;

/** The recurrent cells a sequence model can be made of. */
export const modelCells = ['lstm', 'gru', 'rnnTanh', 'rnnRelu'] as const;

/** All that says what a sequence model is; plain JSON, so that it can be stored beside the parameters. */
export interface SequenceModelConfig {
  readonly input: ModelInput;
  /** Default is lstm. */
  readonly cell?: (typeof modelCells)[number];
  /** Size of each layer's state. */
  readonly hidden: number;
  /** Default is 1. */
  readonly layers?: number;
  /** Default is false; a bidirectional model cannot be trained by truncation. */
  readonly bidirectional?: boolean;
  /** Rate of dropout on what enters each layer and what leaves the last one, never on the recurrence; default is 0. */
  readonly dropout?: number;
  /** Default is false: a sequence starts from zeros. */
  readonly learnedCarry?: boolean;
  /** Sum of an LSTM's forget-gate biases at the start; default is 1. */
  readonly forgetBias?: number;
  /** Classes, or numbers to predict, at each step. */
  readonly outputs: number;
  /** Default is crossEntropy for a vocabulary and meanSquaredError for features. */
  readonly loss?: (typeof modelLosses)[number];
  /** The head's weight is the embedding's; needs outputs = vocabulary and embedding = size of the last layer's output. Default is false. */
  readonly tieWeights?: boolean;
  /** Default is 0; for crossEntropy alone. */
  readonly labelSmoothing?: number;
  /** A class that is not counted; for crossEntropy alone. Default is none. */
  readonly ignoreIndex?: number | null;
}

/** A configuration with every default filled in. */
export type ResolvedConfig = Required<SequenceModelConfig>;

/** Fills in defaults. @throws ArgumentError naming the setting that makes no sense and what would. */
export function resolveConfig(config: SequenceModelConfig): ResolvedConfig {
  const isTokens = kindOf(config.input) === 'tokens';
  const resolved: ResolvedConfig = {
    cell: 'lstm',
    layers: 1,
    bidirectional: false,
    dropout: 0,
    learnedCarry: false,
    forgetBias: 1,
    loss: isTokens ? 'crossEntropy' : 'meanSquaredError',
    tieWeights: false,
    labelSmoothing: 0,
    ignoreIndex: null,
    ...config,
  };
  const {
    input,
    hidden,
    layers,
    outputs,
    cell,
    loss,
    dropout,
    tieWeights,
    labelSmoothing,
    ignoreIndex,
    bidirectional,
  } = resolved;
  for (const [name, size] of Object.entries({ ...input, hidden, layers, outputs })) {
    refuseUnless(
      Number.isSafeInteger(size) && size >= 1,
      `${name} must be a whole number ≥ 1, but is ${String(size)}.`,
    );
  }
  refuseUnless(modelCells.includes(cell), `there is no cell "${cell}"; choose one of ${modelCells.join(', ')}.`);
  refuseUnless(modelLosses.includes(loss), `there is no loss "${loss}"; choose one of ${modelLosses.join(', ')}.`);
  refuseUnless(dropout >= 0 && dropout < 1, `dropout must lie in [0, 1), but is ${dropout}.`);
  refuseUnless(
    labelSmoothing >= 0 && labelSmoothing < 1,
    `labelSmoothing must lie in [0, 1), but is ${labelSmoothing}.`,
  );
  if (loss !== 'crossEntropy') {
    refuseUnless(labelSmoothing === 0, `labelSmoothing is for crossEntropy, but the loss is ${loss}.`);
    refuseUnless(ignoreIndex === null, `ignoreIndex is for crossEntropy, but the loss is ${loss}; use a mask.`);
  }
  if (tieWeights) {
    const last = hidden * (bidirectional ? 2 : 1);
    refuseUnless('vocabulary' in input, 'tieWeights needs an embedding, but the input is features.');
    const { vocabulary, embedding } = input as Extract<ModelInput, { vocabulary: number }>;
    refuseUnless(
      outputs === vocabulary && embedding === last,
      `tieWeights needs outputs = vocabulary and embedding = the last layer's output size, but they are ` +
        `${outputs}, ${vocabulary} and ${embedding}, ${last}.`,
    );
  }
  return resolved;
}

function kindOf(input: ModelInput): 'tokens' | 'features' {
  const has = (...names: string[]): boolean =>
    typeof input === 'object' && input !== null && names.every((name) => name in input);
  refuseUnless(
    has('vocabulary', 'embedding') || has('features'),
    'input must be { vocabulary, embedding } or { features }.',
  );
  return has('vocabulary') ? 'tokens' : 'features';
}

function refuseUnless(holds: boolean, message: string): void {
  if (!holds) throw new ArgumentError(`sequenceModel: ${message}`);
}
