import { required, type OptionKinds } from '@tempograd/core/backend';
import type { Initialiser, InitialiserName } from '../init/index.js';
import type { OwnCell } from '../layers/index.js';
import type { ModelInput, NamedInputs } from './ModelInput.js';
import { modelPoolings } from './pooling/Pooling.js';

/** The losses a sequence model can be trained with. */
export const modelLosses = ['crossEntropy', 'meanSquaredError', 'binaryCrossEntropy'] as const;

/** The standard recurrent cells a sequence model can be made of. */
export const modelCells = ['lstm', 'gru', 'rnnTanh', 'rnnRelu'] as const;

/** Starting values of a model's parameters, each by name or as a function; a model with functions cannot be stored. */
export interface ModelInitialisers {
  /** Of embeddings, `[vocabulary, embedding]`; default is `N(0, 1)`. */
  readonly embedding?: InitialiserName | Initialiser;
  /** Of each gate's block of what a layer reads, `[hidden, inputs]`; default is `U(±1/√hidden)`. */
  readonly input?: InitialiserName | Initialiser;
  /** Of each gate's block of the recurrence, `[hidden, hidden]`, such as orthogonal; default is `U(±1/√hidden)`. */
  readonly recurrent?: InitialiserName | Initialiser;
  /** Of each of a gate's two biases, `[hidden]`, but those that `forgetBias` or `chrono` sets; default is `U(±1/√hidden)`. */
  readonly bias?: 'zeros' | Initialiser;
  /** Of a learned carry, `[layers · directions, 1, hidden]`; default is zeros. */
  readonly carry?: 'zeros' | Initialiser;
  /** Of the head's weight, `[outputs, inputs]`; default is `U(±1/√inputs)`. */
  readonly head?: InitialiserName | Initialiser;
}

/** All that says what a sequence model is; plain JSON, so that it can be stored beside the parameters. */
export interface SequenceModelConfig<I extends ModelInput | NamedInputs = ModelInput> {
  /** One input, or several by name. */
  readonly input: I;
  /** A standard cell, or one of one's own; default is lstm. */
  readonly cell?: (typeof modelCells)[number] | OwnCell;
  /** Size of each layer's state. */
  readonly hidden: number;
  /** Default is 1. */
  readonly layers?: number;
  /** Default is false; a bidirectional model cannot be trained by truncation. */
  readonly bidirectional?: boolean;
  /** Rate of dropout on what enters each layer and what leaves the last one, never on the recurrence; default is 0. */
  readonly dropout?: number;
  /** Normalise the outputs of each layer; default is false. */
  readonly layerNorm?: boolean;
  /** Add what a layer reads to its outputs, in every layer but the first; default is false. */
  readonly residual?: boolean;
  /** Default is false: a sequence starts from zeros. For standard cells. */
  readonly learnedCarry?: boolean;
  /** Sum of an LSTM's forget-gate biases at the start; default is 1. */
  readonly forgetBias?: number;
  /**
   * The longest dependency expected, in steps: chrono initialisation of an LSTM's or GRU's gates, which spreads how long they keep
   * what they hold over that range. It takes the place of `forgetBias`. Default is none. Source: Tallec & Ollivier 2018.
   */
  readonly chrono?: number | null;
  /** How parameters start; default is as in PyTorch. */
  readonly initialisers?: ModelInitialisers;
  /**
   * What the head reads at a step, of the valid steps up to it: `none`, the step's own output; `last`, that of the last valid step
   * (bidirectional: of the last one forward in time and of the first one backward, where each direction ends); `mean`, `max`; or
   * `attention`, their mean by weights that are learned. A label for a whole sequence stands at its last valid step, see
   * `lossMask`. Default is none.
   */
  readonly pooling?: (typeof modelPoolings)[number];
  /** Classes, or numbers to predict, at each step. */
  readonly outputs: number;
  /** Default is crossEntropy where the input is one vocabulary, else meanSquaredError. */
  readonly loss?: (typeof modelLosses)[number];
  /** The head's weight is the embedding's; needs outputs = vocabulary and embedding = size of the last layer's output. Default is false. */
  readonly tieWeights?: boolean;
  /** Default is 0; for crossEntropy alone. */
  readonly labelSmoothing?: number;
  /** A class that is not counted; for crossEntropy alone. Default is none. */
  readonly ignoreIndex?: number | null;
  /** One number ≥ 0 for each class, by which losses of steps of that class are multiplied; for crossEntropy alone. Default is none. */
  readonly classWeights?: readonly number[] | null;
  /**
   * An item of the vocabulary that fills up short sequences; default is none. A step that reads it counts as masked: it leaves the
   * carry as it is and adds nothing to the loss. Its row of the embedding starts as zeros and gets no gradient, from a tied head
   * neither. Where the classes are the vocabulary's items (crossEntropy with outputs = vocabulary), it is not counted as a target.
   * For models of one input.
   */
  readonly paddingIndex?: number | null;
}

/** A configuration with every default filled in. */
export type ResolvedConfig<I extends ModelInput | NamedInputs = ModelInput> = Required<SequenceModelConfig<I>>;

/** Kinds of what a character model can be told as well. */
export const sharedKinds: OptionKinds<Omit<SequenceModelConfig, 'input' | 'outputs' | 'loss'>> = {
  cell: 'string or object',
  hidden: required('number'),
  layers: 'number',
  bidirectional: 'boolean',
  dropout: 'number',
  layerNorm: 'boolean',
  residual: 'boolean',
  learnedCarry: 'boolean',
  forgetBias: 'number',
  chrono: 'number or null',
  initialisers: 'object',
  pooling: modelPoolings,
  tieWeights: 'boolean',
  labelSmoothing: 'number',
  ignoreIndex: 'number or null',
  classWeights: 'array or null',
  paddingIndex: 'number or null',
};

/** Deepest nesting of a configuration in JSON: the settings of one input among several. */
export const configDepth = 3;
