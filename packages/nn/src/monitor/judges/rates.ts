import { medianOf } from '../Progress.js';
import type { Judge, View } from '../View.js';
import { figures, percent } from '../words.js';

/** Share of the weights that an update changes: a healthy one about a thousandth. Of a training that goes wrong, this is too much. */
const large = 0.05;

/** Whatever the training does, this is too much. */
const veryLarge = 0.3;

/** With weights that have moved by less since a training stood still, nothing can have come of it. */
const leastMoved = 0.02;

/** Updates so large that they undo what was learnt. */
export const rateTooHigh: Judge = (view) => {
  const step = stepOf(view);
  const { standstill, rise } = view.progress;
  if (step === null || step <= (standstill !== null || rise !== null ? large : veryLarge)) return [];
  const loss = rise === null ? '' : ` The loss is ${figures(rise.loss)}, and was ${figures(rise.best)} at its best.`;
  const rate = view.trace.blocks.at(-1)?.rate ?? 0;
  return [
    {
      kind: 'rateTooHigh',
      since: rise?.since ?? standstill?.since ?? view.looks.at(-3)?.update ?? 1,
      layer: null,
      message: `The learning rate is too high: each update changes the weights by ${percent(step)}; about 0.1% is usual.${loss}`,
      advice: `Divide the rate, ${figures(rate)}, by 10, or warm it up.`,
      numbers: { step, rate, ...(rise && { loss: rise.loss, best: rise.best }) },
    },
  ];
};

/** Updates so small that nothing comes of them. */
export const rateTooLow: Judge = (view) => {
  const step = stepOf(view);
  const { standstill } = view.progress;
  if (step === null || standstill === null) return [];
  const moved = step * (view.trace.updates - standstill.since + 1);
  if (moved > leastMoved) return [];
  const rate = view.trace.blocks.at(-1)?.rate ?? 0;
  return [
    {
      kind: 'rateTooLow',
      since: standstill.since,
      layer: null,
      message: `The learning rate is too low: each update changes the weights by ${percent(step)}; about 0.1% is usual. The loss stays at ${figures(standstill.loss)}.`,
      advice: `Multiply the rate, ${figures(rate)}, by 10 until the loss falls.`,
      numbers: { step, rate, moved, loss: standstill.loss },
    },
  ];
};

function stepOf({ looks }: View): number | null {
  return medianOf(looks.slice(-3).flatMap((look) => look.step ?? []));
}
