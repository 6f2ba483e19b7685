import type { LayerLook } from '../Look.js';
import { layersWhere, type Judge } from '../View.js';
import { figures, percent } from '../words.js';

/** Over fewer steps nothing can be said of how a gradient fades. */
const leastLags = 8;

/** What fades on its way back is wrong where the training does not get on: many tasks need no more than the latest steps. */
export const vanishing: Judge = (view) => {
  const { standstill } = view.progress;
  if (standstill === null) return [];
  return layersWhere(view, 2, ({ lags, reach }) => lags >= leastLags && reach <= lags / 2).map(({ layer }) => ({
    kind: 'vanishing',
    since: standstill.since,
    layer: layer.name,
    message:
      `The gradient vanishes in ${layer.name}: more than ${layer.reach} steps back, less than 1% is left of what a loss says, ` +
      `and of the ${layer.lags} steps looked at the first gets ${percent(layer.left)}. The loss stays at ${figures(standstill.loss)}.`,
    advice: `If what matters lies further back: ${remedyFor(layer)}, layerNorm, or a shorter way (pooling 'mean' or 'attention').`,
    numbers: { reach: layer.reach, lags: layer.lags, left: layer.left, loss: standstill.loss },
  }));
};

function remedyFor({ cell, lags }: LayerLook): string {
  if (cell === 'lstm')
    return `gates that begin by remembering (chrono: ${lags}, or forgetBias: ${figures(Math.log(lags))})`;
  if (cell === 'gru') return `gates that begin by remembering (chrono: ${lags})`;
  return "cell 'lstm' or 'gru', initialisers: { recurrent: 'orthogonal' }";
}
