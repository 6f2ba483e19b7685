import type { Judge } from '../View.js';
import { medianOf } from '../Progress.js';
import { figures, percent } from '../words.js';

/** Share of updates clipped from which on clipping is the rule. */
const always = 0.9;

/** With less left of a gradient, only its direction is. */
const leastFactor = 0.05;

/** Clipping that always bites, and hard: the step size is then set by the clip and not by the gradient. */
export const clipping: Judge = ({ looks }) => {
  const recent = looks.slice(-3).flatMap((look) => look.clipping ?? []);
  if (recent.length < 3 || !recent.every(({ share, factor }) => share >= always && factor < leastFactor)) return [];
  const factor = medianOf(recent.map((each) => each.factor)) as number;
  const share = recent.at(-1)?.share ?? 1;
  return [
    {
      kind: 'clipping',
      since: Math.max(1, (looks.at(-3)?.update ?? 1) - (recent[0]?.updates ?? 1) + 1),
      layer: null,
      message: `Clipping is always on: it cuts ${percent(share)} of the updates, to ${percent(factor)} of their gradient.`,
      advice: `Clip about ${figures(1 / factor)} times higher, so that it holds back outliers alone; with plain descent, set the step size by the learning rate.`,
      numbers: { share, factor },
    },
  ];
};
