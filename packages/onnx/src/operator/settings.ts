import type { OnnxAttribute, OnnxNode } from '../file/OnnxFile.js';
import { OnnxError } from '../OnnxError.js';
import { isActivation } from './activations.js';

/** A recurrent operator of ONNX. */
export type RecurrentOperator = 'LSTM' | 'GRU' | 'RNN';

/** The attributes of a recurrent operator, defaults filled in. */
export interface RecurrentSettings {
  readonly operator: RecurrentOperator;
  /** null where the file leaves it to the weights. */
  readonly hiddenSize: number | null;
  readonly direction: 'forward' | 'reverse' | 'bidirectional';
  /** Whether the batch comes first. */
  readonly batchwise: boolean;
  readonly clip: number | null;
  /** Names, direction by direction. */
  readonly activations: readonly string[];
  readonly alphas: readonly number[];
  readonly betas: readonly number[];
  /** GRU: the reset follows the product. */
  readonly linearBeforeReset: boolean;
  /** LSTM: the forget gate is 1 − the input gate. */
  readonly inputForget: boolean;
}

/** Rows of weights for each unit of the state. */
export const gatesOf: Readonly<Record<RecurrentOperator, number>> = { LSTM: 4, GRU: 3, RNN: 1 };

const defaultActivations: Readonly<Record<RecurrentOperator, readonly string[]>> = {
  LSTM: ['Sigmoid', 'Tanh', 'Tanh'],
  GRU: ['Sigmoid', 'Tanh'],
  RNN: ['Tanh'],
};

const directions = ['forward', 'reverse', 'bidirectional'] as const;

/** Whether a node is one of the recurrent operators. */
export function isRecurrent({ op }: OnnxNode): boolean {
  return Object.hasOwn(gatesOf, op);
}

/** @throws OnnxError when the node is no recurrent operator, or has an attribute that makes no sense. */
export function settingsOf(node: OnnxNode): RecurrentSettings {
  const { op, attributes } = node;
  if (!isRecurrent(node)) {
    throw new OnnxError(`The node ${op} "${node.name}" is no recurrent operator; what is known are LSTM, GRU and RNN.`);
  }
  const operator = op as RecurrentOperator;
  const direction = attributes.get('direction') ?? 'forward';
  if (!directions.includes(direction as 'forward')) throw bad(node, 'direction', direction);
  const count = direction === 'bidirectional' ? 2 : 1;
  const names =
    attributes.get('activations') ?? Array.from({ length: count }, () => defaultActivations[operator]).flat();
  const wanted = count * defaultActivations[operator].length;
  if (
    !isList(names) ||
    names.length !== wanted ||
    !names.every((name) => typeof name === 'string' && isActivation(name))
  ) {
    throw bad(node, 'activations', names);
  }
  const hidden = attributes.get('hidden_size') ?? null;
  const clip = attributes.get('clip') ?? null;
  const layout = attributes.get('layout') ?? 0;
  if (hidden !== null && !(typeof hidden === 'number' && hidden >= 1)) throw bad(node, 'hidden_size', hidden);
  if (clip !== null && !(typeof clip === 'number' && clip > 0)) throw bad(node, 'clip', clip);
  if (layout !== 0 && layout !== 1) throw bad(node, 'layout', layout);
  return {
    operator,
    hiddenSize: hidden,
    direction: direction as RecurrentSettings['direction'],
    batchwise: layout === 1,
    clip,
    activations: names as readonly string[],
    alphas: numbersOf(node, 'activation_alpha'),
    betas: numbersOf(node, 'activation_beta'),
    linearBeforeReset: (attributes.get('linear_before_reset') ?? 0) !== 0,
    inputForget: (attributes.get('input_forget') ?? 0) !== 0,
  };
}

/**
 * What keeps the operator from being a layer of `lstm`, `gru` or `rnn`, in words; null where it is one. Which input has peepholes is
 * for the caller to say.
 */
export function beyondLayers(settings: RecurrentSettings, peepholes: boolean): string | null {
  const { operator, activations, clip, inputForget, linearBeforeReset } = settings;
  if (peepholes) return 'it has peepholes';
  if (clip !== null) return `it clips at ${clip}`;
  if (inputForget) return 'its input and forget gates are coupled (input_forget)';
  if (operator === 'GRU' && !linearBeforeReset) return 'it resets before the product (linear_before_reset = 0)';
  const standard = defaultActivations[operator];
  const given = activations.map((name) => name.toLowerCase());
  const relu = operator === 'RNN' && given.every((name) => name === 'relu');
  if (relu || given.every((name, index) => name === standard[index % standard.length]?.toLowerCase())) return null;
  return `its activations are ${activations.join(', ')}`;
}

function numbersOf(node: OnnxNode, name: string): readonly number[] {
  const value = node.attributes.get(name) ?? [];
  if (!isList(value) || !value.every((each) => typeof each === 'number')) throw bad(node, name, value);
  return value;
}

function isList(value: OnnxAttribute): value is readonly number[] | readonly string[] {
  return Array.isArray(value);
}

function bad({ op, name }: OnnxNode, attribute: string, value: OnnxAttribute): OnnxError {
  return new OnnxError(
    `The node ${op} "${name}" has ${attribute} = ${JSON.stringify(value)}, which ${op} cannot have. The file is damaged.`,
  );
}
