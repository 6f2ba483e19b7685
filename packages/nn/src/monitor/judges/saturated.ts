import type { Judge } from '../View.js';
import { layersWhere } from '../View.js';
import { percent } from '../words.js';

/** Share of values at their ends with which little moves any more. */
const most = 0.8;

/** Where it was so much at the first look, nothing that was learnt made it so. */
const fromTheStart = 0.5;

/** Gates at their ends: wrong where they began so, or where training does not get on; a model may also learn to decide. */
export const saturated: Judge = (view) => {
  const { first, progress } = view;
  const isIll = progress.standstill !== null || progress.rise !== null;
  const began = (name: string): boolean =>
    (first?.layers.find((layer) => layer.name === name)?.saturation ?? 0) > fromTheStart;
  return layersWhere(view, 2, ({ saturation, name }) => (saturation ?? 0) > most && (isIll || began(name))).map(
    ({ layer, since }) => ({
      kind: 'saturated',
      since: began(layer.name) ? 1 : since,
      layer: layer.name,
      message: `The ${layer.cell === 'rnn' ? 'units' : 'gates'} of ${layer.name} are saturated: ${percent(layer.saturation ?? 0)} of their values lie at an end, where hardly any gradient passes.`,
      advice:
        'Scale the inputs (fitScaler: mean 0, deviation 1), begin with smaller weights, lower the learning rate, or add layerNorm.',
      numbers: { saturation: layer.saturation ?? 0 },
    }),
  );
};
