import type { Tensor } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { chronoForgetBias } from '../../init/index.js';
import { recurrentKinds, type RecurrentOptions } from './options.js';
import { requireBias } from './requireBias.js';
import { recurrentStack, type RecurrentLayer } from './stack.js';
import { standardCell } from './standardCell.js';

/** Settings of `gru`. */
export interface GruOptions extends RecurrentOptions {
  /** The longest dependency expected, in steps: chrono initialisation of the update gate's bias, which here says how much is kept. */
  readonly chrono?: number;
}

const gruTable = optionTable<GruOptions>({ ...recurrentKinds, chrono: 'number' });

/** Gated recurrent units with the reset after the product and gates in the order r, z, n, as `torch.nn.GRU`. Source: Cho et al. 2014. */
export function gru(options: GruOptions): RecurrentLayer<Tensor> {
  checkOptions('gru', options, gruTable);
  const { chrono } = options;
  if (chrono === undefined) return recurrentStack('gru', options, standardCell('gru', null));
  requireBias('gru', 'chrono', options);
  const draw = chronoForgetBias(chrono);
  return recurrentStack(
    'gru',
    options,
    standardCell('gru', (key, size) => new Map([[1, draw(key, [size])]])),
  );
}
