import { ArgumentError } from '@tempograd/core';
import type { TfjsTensor } from '../TfjsCore.js';

/** What is used of a layer of `@tensorflow/tfjs-layers`. */
export interface TfLayer {
  readonly name: string;
  readonly built: boolean;
  /** Such as `LSTM`. */
  getClassName(): string;
  /** Its settings. */
  getConfig(): Readonly<Record<string, unknown>>;
  /** Its weights, in the order of tfjs. */
  getWeights(): TfjsTensor[];
  /** Puts weights in the place of its own, in the same order. */
  setWeights(weights: TfjsTensor[]): void;
}

/** The layers of tf.layers that have a counterpart, and what their cell is called here. */
const kinds = { SimpleRNN: 'rnn', LSTM: 'lstm', GRU: 'gru' } as const;

/** What a recurrent layer computes, as far as its weights must know. */
export interface LayerKind {
  readonly kind: (typeof kinds)[keyof typeof kinds];
  readonly units: number;
  readonly useBias: boolean;
  readonly activation: 'tanh' | 'relu';
}

/** Reads a layer's settings. @throws ArgumentError for what has no counterpart, saying what would. */
export function layerKind(layer: TfLayer, caller: string): LayerKind {
  const refuse = (what: string): never => {
    throw new ArgumentError(`${caller}: layer "${layer.name}" ${what}`);
  };
  const className = layer.getClassName();
  if (!Object.hasOwn(kinds, className)) {
    refuse(
      `is a ${className}; wanted a SimpleRNN, LSTM or GRU. Of a wrapper such as Bidirectional, pass the layers inside.`,
    );
  }
  const kind = kinds[className as keyof typeof kinds];
  if (!layer.built) refuse('has no weights yet; build its model, or call it on an input, first.');
  const { units, useBias, activation, recurrentActivation, goBackwards } = layer.getConfig();
  const allowed = kind === 'rnn' ? ['tanh', 'relu'] : ['tanh'];
  if (!allowed.includes(activation as string)) {
    refuse(`has activation "${String(activation)}"; only ${allowed.join(' and ')} can be brought over.`);
  }
  if (kind !== 'rnn' && recurrentActivation !== 'sigmoid') {
    refuse(
      `has recurrentActivation "${String(recurrentActivation)}"${recurrentActivation === 'hardSigmoid' ? ', the default of tf.layers' : ''}, ` +
        "which is another function than the gates' sigmoid: the same weights would compute something else. " +
        "Make and train the layer with recurrentActivation: 'sigmoid'.",
    );
  }
  if (goBackwards === true) {
    refuse('goes backwards; bring over one that does not, and run its cell with scan(…, { reverse: true }).');
  }
  return { kind, units: units as number, useBias: useBias as boolean, activation: activation as 'tanh' | 'relu' };
}
