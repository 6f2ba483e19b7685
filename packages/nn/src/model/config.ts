import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, required, type OptionKinds } from '@tempograd/core/backend';

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
  /**
   * An item of the vocabulary that fills up short sequences; default is none. A step that reads it counts as masked: it leaves the
   * carry as it is and adds nothing to the loss. Its row of the embedding starts as zeros and gets no gradient, from a tied head
   * neither. Where the classes are the vocabulary's items (crossEntropy with outputs = vocabulary), it is not counted as a target.
   */
  readonly paddingIndex?: number | null;
}

/** Kinds of what a character model can be told as well. */
export const sharedKinds: OptionKinds<Omit<SequenceModelConfig, 'input' | 'outputs' | 'loss'>> = {
  cell: 'string',
  hidden: required('number'),
  layers: 'number',
  bidirectional: 'boolean',
  dropout: 'number',
  learnedCarry: 'boolean',
  forgetBias: 'number',
  tieWeights: 'boolean',
  labelSmoothing: 'number',
  ignoreIndex: 'number or null',
  paddingIndex: 'number or null',
};

const configTable = optionTable<SequenceModelConfig>({
  input: required({ wanted: '{ vocabulary, embedding } or { features }', members: [] }),
  ...sharedKinds,
  outputs: required('number'),
  loss: 'string',
});

const inputTables = {
  tokens: optionTable<Extract<ModelInput, { vocabulary: number }>>({
    vocabulary: required('number'),
    embedding: required('number'),
  }),
  features: optionTable<Extract<ModelInput, { features: number }>>({ features: required('number') }),
};

/** A configuration with every default filled in. */
export type ResolvedConfig = Required<SequenceModelConfig>;

/** Fills in defaults. @throws ArgumentError naming the setting that makes no sense and what would. */
export function resolveConfig(config: SequenceModelConfig): ResolvedConfig {
  checkOptions('sequenceModel', config, configTable);
  const kind = kindOf(config.input);
  checkOptions('sequenceModel', config.input, inputTables[kind], 'input');
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
  const resolved: ResolvedConfig = {
    cell: 'lstm',
    layers: 1,
    bidirectional: false,
    dropout: 0,
    learnedCarry: false,
    forgetBias: 1,
    loss: kind === 'tokens' ? 'crossEntropy' : 'meanSquaredError',
    tieWeights: false,
    labelSmoothing: 0,
    ignoreIndex: null,
    paddingIndex: null,
    ...(given as unknown as SequenceModelConfig),
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
    paddingIndex,
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
  if (paddingIndex !== null) {
    refuseUnless(
      'vocabulary' in input,
      'paddingIndex is an item of a vocabulary, but the input is features; use a mask.',
    );
    const { vocabulary } = input as Extract<ModelInput, { vocabulary: number }>;
    refuseUnless(
      Number.isInteger(paddingIndex) && paddingIndex >= 0 && paddingIndex < vocabulary,
      `paddingIndex ${paddingIndex} is not in the vocabulary; use 0 to ${vocabulary - 1}.`,
    );
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
  const has = (...names: string[]): boolean => names.every((name) => name in input);
  refuseUnless(
    has('vocabulary', 'embedding') || has('features'),
    'input must be { vocabulary, embedding } or { features }.',
  );
  return has('vocabulary') ? 'tokens' : 'features';
}

function refuseUnless(holds: boolean, message: string): void {
  if (!holds) throw new ArgumentError(`sequenceModel: ${message}`);
}
