import type { RecurrentCell } from '@tempograd/core/backend';
import type { BackwardStepLoop } from './backwardStep.js';
import type { ForwardStepLoop } from './forwardStep.js';
import { gruBackwardStep, gruForwardStep } from './gru.js';
import { lstmBackwardStep, lstmForwardStep } from './lstm.js';
import { rnnReluBackwardStep, rnnReluForwardStep, rnnTanhBackwardStep, rnnTanhForwardStep } from './rnn.js';

/** One step of each cell, forward and backward. */
export const cells: Readonly<Record<RecurrentCell, { forward: ForwardStepLoop; backward: BackwardStepLoop }>> = {
  rnnTanh: { forward: rnnTanhForwardStep, backward: rnnTanhBackwardStep },
  rnnRelu: { forward: rnnReluForwardStep, backward: rnnReluBackwardStep },
  lstm: { forward: lstmForwardStep, backward: lstmBackwardStep },
  gru: { forward: gruForwardStep, backward: gruBackwardStep },
};
