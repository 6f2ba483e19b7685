import { gru, lstm, rnn, type RecurrentLayer } from '../layers/index.js';
import { checkShapes, ownCell } from '../layers/recurrent/OwnCell.js';
import { recurrentStack } from '../layers/recurrent/stack.js';
import type { ResolvedConfig } from './config.js';
import type { ModelInput, NamedInputs } from './ModelInput.js';
import { initialiserAs } from './modelInitialisers.js';
import type { RecurrentCarry } from './SequenceStretch.js';

/** The stacked recurrence of a model, of vectors of this size. */
export function recurrenceOf(
  config: ResolvedConfig<ModelInput | NamedInputs>,
  inputSize: number,
): RecurrentLayer<RecurrentCarry> {
  const { cell, hidden, layers, bidirectional, learnedCarry, forgetBias, chrono, layerNorm, residual, initialisers } =
    config;
  const options = {
    inputSize,
    hiddenSize: hidden,
    layers,
    bidirectional,
    learnedCarry,
    layerNorm,
    residual,
    dropout: layers > 1 ? config.dropout : 0,
    init: {
      ...initialiserAs('weightIh', initialisers.input),
      ...initialiserAs('weightHh', initialisers.recurrent),
      ...initialiserAs('bias', initialisers.bias),
      ...initialiserAs('carry', initialisers.carry),
    },
  };
  if (cell === 'lstm') return lstm({ ...options, ...(chrono === null ? { forgetBias } : { chrono }) });
  if (cell === 'gru') return gru(chrono === null ? options : { ...options, chrono });
  if (typeof cell === 'string') return rnn({ ...options, activation: cell === 'rnnRelu' ? 'relu' : 'tanh' });
  checkShapes('sequenceModel', cell, { inputSize, hiddenSize: hidden });
  return recurrentStack('sequenceModel', options, ownCell(cell));
}
