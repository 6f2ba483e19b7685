import type { Evidence } from '../Finding.js';
import { layersWhere, type Judge } from '../View.js';
import { figures } from '../words.js';

/** A loss that says so many times more of an earlier state than of its own: the way back makes it grow. */
const mostGrowth = 100;

/** A norm is a leap where it is so many times the greatest of all before. */
const leap = 30;

/** Gradients that grow on their way back, or whose norm leaps. */
export const exploding: Judge = (view) => {
  const layers = layersWhere(view, 2, ({ growth, lags }) => lags >= 4 && growth > mostGrowth);
  if (layers.length === 0) return leaps(view);
  return layers.map(({ layer, since }) => ({
    kind: 'exploding',
    since,
    layer: layer.name,
    message: `The gradient explodes in ${layer.name}: on its way back it grows ${figures(layer.growth)} times.`,
    advice:
      "Begin with smaller recurrent weights (initialisers: { recurrent: 'orthogonal' }), clip by the norm ({ clip: { norm: 1 } }), " +
      'look back over fewer steps (backwardSteps), or take a gated cell.',
    numbers: { growth: layer.growth, lags: layer.lags },
  }));
};

function leaps({ trace, patience }: Parameters<Judge>[0]): Evidence[] {
  const { blocks } = trace;
  const now = blocks.at(-1)?.to ?? 0;
  const before = blocks.filter(({ to }) => to <= now - patience);
  if (before.reduce((sum, { count }) => sum + count, 0) < patience / 2) return [];
  const greatest = Math.max(...before.map(({ norm }) => norm));
  const leaping = blocks.filter(({ to, norm }) => to > now - patience && norm > leap * greatest);
  if (leaping.length < 2) return [];
  const norm = Math.max(...leaping.map((block) => block.norm));
  return [
    {
      kind: 'exploding',
      since: leaping[0]?.from ?? now,
      layer: null,
      message: `The gradient explodes: its norm leaps to ${figures(norm)}, where it was ${figures(greatest)} at most.`,
      advice: 'Clip by the norm ({ clip: { norm: 1 } }), lower the learning rate, or look for outliers in the data.',
      numbers: { norm, greatest },
    },
  ];
}
