import type { Advice, StrategyChoice } from './Advice.js';
import { lengthsOf } from './choices.js';
import { counted, type Description } from './rules.js';

/** From here on a gate that starts anywhere forgets too soon. */
const longDependency = 50;

/** The cell, how it starts, and what is made of its outputs. */
export function cellAdvice(
  { sequenceLength, horizon, longestDependency, orderMatters }: Description,
  choice: StrategyChoice,
): Pick<Advice, 'cell' | 'initialisation' | 'pooling' | 'reasons'> {
  const reasons: string[] = [];
  const dependency = longestDependency ?? horizon;
  const isShort = sequenceLength !== null && sequenceLength < 50 && (dependency ?? 0) < longDependency;
  const cell = isShort ? 'gru' : 'lstm';
  let initialisation: Advice['initialisation'] = {};
  if (cell === 'gru')
    reasons.push('A GRU does as well as an LSTM over so few steps, with three quarters of its recurrent parameters.');
  else if (dependency !== null && dependency >= longDependency) {
    initialisation = { chrono: dependency };
    const { backwardSteps } = lengthsOf(choice);
    reasons.push(
      `Something ${counted(dependency)} back matters: chrono initialisation, chrono: ${dependency}, spreads over that range how long the LSTM's cells hold what they have.` +
        (backwardSteps < dependency
          ? ` The gradient looks ${counted(backwardSteps)} back, so that such a dependency is used only as far as the cells carry it; more backwardSteps teach it.`
          : ''),
    );
  } else {
    initialisation = { forgetBias: 1 };
    reasons.push(
      "An LSTM's cells carry gradients further than a simple recurrence; a forget gate that starts open, forgetBias: 1, lets them pass from the first update on.",
    );
  }
  if (orderMatters) return { cell, initialisation, pooling: 'none', reasons };
  reasons.push(
    'The order of the steps hardly matters: then a recurrence is not the natural choice. Attention, as in a transformer or a set model, sees all steps at once and has no way through time in which gradients vanish; consider a library for that. ' +
      "What is here is pooling: 'attention', the mean of all outputs by weights that are learned, which gives each step a short way to the loss.",
  );
  return { cell, initialisation, pooling: 'attention', reasons };
}
