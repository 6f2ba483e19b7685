import type { LayerLook } from '../Look.js';
import { layersWhere, type Judge } from '../View.js';
import { percent } from '../words.js';

/** Share of units without which a layer is much smaller than meant. */
const most = 0.75;

/** The same where training does not get on. */
const mostAtStandstill = 0.5;

/** Units that never move. */
export const dead: Judge = (view) => {
  const limit = view.progress.standstill === null ? most : mostAtStandstill;
  return layersWhere(view, 2, (layer) => (layer.dead ?? 0) >= limit).map(({ layer, since }) => ({
    kind: 'dead',
    since,
    layer: layer.name,
    message: `${percent(layer.dead ?? 0)} of the units of ${layer.name} are dead: they give the same whatever goes in, so that no gradient moves them.`,
    advice: remedyFor(layer),
    numbers: { dead: layer.dead ?? 0 },
  }));
};

/** Gated units die at the ends of their gates, others of relu. */
function remedyFor({ cell }: LayerLook): string {
  if (cell === 'lstm' || cell === 'gru')
    return 'Lower the learning rate, begin with smaller weights, scale the inputs (fitScaler), or add layerNorm.';
  return "Lower the learning rate, begin with biases of 0 or above and smaller weights, or take 'rnnTanh' or a gated cell in place of relu.";
}
