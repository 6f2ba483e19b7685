import type { Judge } from '../View.js';
import { figures, percent } from '../words.js';

/** A loss that has risen. */
export const diverging: Judge = ({ progress: { rise } }) =>
  rise === null
    ? []
    : [
        {
          kind: 'diverging',
          since: rise.since,
          layer: null,
          message: `The loss has risen to ${figures(rise.loss)}; it was ${figures(rise.best)} at its best.`,
          advice:
            'Lower the learning rate or warm it up, clip the gradient ({ clip: { norm: 1 } }), and look whether the data changes on the way.',
          numbers: { loss: rise.loss, best: rise.best },
        },
      ];

/** A loss that does not fall, while nothing has been learnt. */
export const stalled: Judge = ({ progress: { standstill }, truncatedAt }) => {
  if (standstill === null) return [];
  const { loss, informed, since } = standstill;
  const known =
    informed === null ? '' : `, and only ${percent(Math.max(0, informed))} of the predictions comes from what goes in`;
  const further =
    truncatedAt === null
      ? ''
      : `; whether what matters lies further back than ${truncatedAt} steps, where the gradient is cut (backwardSteps)`;
  return [
    {
      kind: 'stalled',
      since,
      layer: null,
      message: `Nothing is learnt: the loss stays at ${figures(loss)}${known}.`,
      advice: `Look whether inputs and labels belong together${further}; whether the model can learn a few examples by heart; and try 3 times the learning rate.`,
      numbers: { loss, ...(informed === null ? {} : { informed }) },
    },
  ];
};
