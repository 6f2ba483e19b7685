import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, required, type OptionKinds } from '@tempograd/core/backend';
import type { Initialiser } from '../../init/index.js';
import { requireSizes } from '../parameter.js';

/** Starting values of a recurrent layer; each default is PyTorch's `U(±1/√hidden)`. */
export interface RecurrentInit {
  /** For each gate's block `[hidden, inputs]` of `weight_ih` on its own. */
  readonly weightIh?: Initialiser;
  /** For each gate's block `[hidden, hidden]` of `weight_hh` on its own, such as `orthogonal()`. */
  readonly weightHh?: Initialiser;
  /** For each gate's `[hidden]` of each of the two biases, which are added. */
  readonly bias?: Initialiser;
  /** For a learned initial carry; default is zeros. */
  readonly carry?: Initialiser;
}

/** Sizes of a recurrent layer, with PyTorch's meanings. */
export interface RecurrentOptions {
  /** Features of an input. */
  readonly inputSize: number;
  /** Length of the state, H. */
  readonly hiddenSize: number;
  /** How many are stacked, each on the outputs of the one below; default is 1. */
  readonly layers?: number;
  /** Run a second one backward in time and put its outputs beside; default is false. A sequence then cannot be cut into chunks. */
  readonly bidirectional?: boolean;
  /** Rate of dropout on the outputs between stacked layers; default is 0. */
  readonly dropout?: number;
  /** Default is true: two biases for each gate. */
  readonly bias?: boolean;
  /** Input and output are `[batch, time, …]` instead of `[time, batch, …]`; default is false. Masks and carries are not affected. */
  readonly batchFirst?: boolean;
  /** The initial carry is a parameter, `h0` (and `c0`), the same for every row; default is false. */
  readonly learnedCarry?: boolean;
  /** Normalise the outputs of each layer, both directions' together; default is false. Its parameters are `norm_weight_l0`, `norm_bias_l0`, …. */
  readonly layerNorm?: boolean;
  /** Add what a layer reads to its outputs (after their norm), in every layer but the first; default is false. */
  readonly residual?: boolean;
  /** How weights and biases start; default is PyTorch's `U(±1/√H)`. */
  readonly init?: RecurrentInit;
}

/** Kinds of `RecurrentOptions`. */
export const recurrentKinds: OptionKinds<RecurrentOptions> = {
  inputSize: required('number'),
  hiddenSize: required('number'),
  layers: 'number',
  bidirectional: 'boolean',
  dropout: 'number',
  bias: 'boolean',
  batchFirst: 'boolean',
  learnedCarry: 'boolean',
  layerNorm: 'boolean',
  residual: 'boolean',
  init: 'object',
};

const initialisersTable = optionTable<RecurrentInit>({
  weightIh: 'function',
  weightHh: 'function',
  bias: 'function',
  carry: 'function',
});

/** Options with every default filled in, and checked. */
export type ResolvedOptions = Required<RecurrentOptions>;

/** @throws ArgumentError when an option makes no sense. */
export function resolveOptions(layer: string, options: RecurrentOptions): ResolvedOptions {
  const { inputSize, hiddenSize, layers = 1, bidirectional = false, dropout = 0 } = options;
  const { bias = true, batchFirst = false, learnedCarry = false, init = {} } = options;
  const { layerNorm = false, residual = false } = options;
  checkOptions(layer, init, initialisersTable, 'init');
  requireSizes(layer, { inputSize, hiddenSize, layers });
  if (!(dropout >= 0 && dropout < 1))
    throw new ArgumentError(`${layer}: dropout must lie in [0, 1), but is ${dropout}.`);
  if (dropout > 0 && layers === 1) {
    throw new ArgumentError(
      `${layer}: dropout ${dropout} would do nothing, for it acts between stacked layers and there is one only. ` +
        'Stack two or more, or apply dropout() to the output.',
    );
  }
  if (residual && layers === 1) {
    throw new ArgumentError(
      `${layer}: residual would do nothing, for the first layer has no layer below and there is one only. Stack two or more.`,
    );
  }
  const sizes = { inputSize, hiddenSize, layers, bidirectional };
  return { ...sizes, dropout, bias, batchFirst, learnedCarry, layerNorm, residual, init };
}
