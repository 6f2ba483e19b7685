import type { Tensor } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { recurrentKinds, type RecurrentOptions } from './options.js';
import { recurrentStack, type RecurrentLayer } from './stack.js';
import { standardCell } from './standardCell.js';

/** Settings of `rnn`. */
export interface RnnOptions extends RecurrentOptions {
  /** Default is tanh. */
  readonly activation?: 'tanh' | 'relu';
}

const rnnTable = optionTable<RnnOptions>({ ...recurrentKinds, activation: ['tanh', 'relu'] });

/** Simple recurrent layers: `h' = φ(W x + b + U h + d)`, as `torch.nn.RNN`. Source: Elman 1990. */
export function rnn(options: RnnOptions): RecurrentLayer<Tensor> {
  checkOptions('rnn', options, rnnTable);
  return recurrentStack('rnn', options, standardCell(options.activation === 'relu' ? 'rnnRelu' : 'rnnTanh', null));
}
