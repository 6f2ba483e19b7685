import { ArgumentError, type LstmCarry } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { chronoForgetBias } from '../../init/index.js';
import { recurrentKinds, type RecurrentOptions } from './options.js';
import type { GateBias } from './params.js';
import { requireBias } from './requireBias.js';
import { recurrentStack, type RecurrentLayer } from './stack.js';
import { standardCell } from './standardCell.js';

/** Settings of `lstm`. */
export interface LstmOptions extends RecurrentOptions {
  /** Sum of the forget gate's two biases at the start; 1 or 2 lets gradients pass from the first step on. Default is PyTorch's. Source: Jozefowicz et al. 2015. */
  readonly forgetBias?: number;
  /** The longest dependency expected, in steps: chrono initialisation of the forget and input gates' biases. Excludes `forgetBias`. */
  readonly chrono?: number;
}

const lstmTable = optionTable<LstmOptions>({ ...recurrentKinds, forgetBias: 'number', chrono: 'number' });

/** Long short-term memory with gates in the order i, f, g, o, as `torch.nn.LSTM`. Source: Hochreiter & Schmidhuber 1997; Gers et al. 2000. */
export function lstm(options: LstmOptions): RecurrentLayer<LstmCarry> {
  checkOptions('lstm', options, lstmTable);
  return recurrentStack('lstm', options, standardCell('lstm', gateBiasOf(options)));
}

function gateBiasOf(options: LstmOptions): GateBias | null {
  const { forgetBias, chrono } = options;
  if (forgetBias !== undefined && chrono !== undefined) {
    throw new ArgumentError('lstm: forgetBias and chrono both set the forget gate’s bias; leave one of them out.');
  }
  if (forgetBias !== undefined) {
    requireBias('lstm', 'forgetBias', options);
    return (_key, size) => new Map([[1, new Float64Array(size).fill(forgetBias)]]);
  }
  if (chrono !== undefined) {
    requireBias('lstm', 'chrono', options);
    const draw = chronoForgetBias(chrono);
    return (key, size) => {
      const forget = Float64Array.from(draw(key, [size]));
      return new Map([
        [0, forget.map((value) => -value)],
        [1, forget],
      ]);
    };
  }
  return null;
}
