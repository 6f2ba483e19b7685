import { disposeTree, valueAndGrad, type GradientByLag } from '@tempograd/core';
import { startHealth, type GradientHealth, type HealthProbe, type SequenceModelCarry } from '@tempograd/nn';
import type { OpenedModel } from '../model/modelFile.js';
import type { RowStretch } from './Reading.js';

/** Where gradients are looked at. */
export interface HealthPlace {
  readonly stretch: RowStretch;
  readonly carry: SequenceModelCarry;
  /** Steps and rows of the stretch. */
  readonly steps: number;
  readonly rows: number;
  /** What was measured by lag on the same stretch. */
  readonly lags: GradientByLag;
}

/** How gates, states and parameters are doing: what an update over the stretch would see, were it taken. */
export async function healthOf({ model, params }: OpenedModel, place: HealthPlace): Promise<GradientHealth> {
  const { stretch, carry, steps, rows, lags } = place;
  const context = { from: 0, key: null };
  const loss = valueAndGrad((of: typeof params) =>
    model.loss(of, model.forward(of, carry, stretch, context).output, stretch, context),
  );
  const collector = startHealth<typeof params>({ every: 1 });
  const probe = collector.probe(1) as HealthProbe<typeof params>;
  const { value, gradient } = probe.backward(params, () => loss(params));
  try {
    probe.step({ params, gradient, factor: 1 / (steps * rows) }, () => undefined);
    const health = await collector.read(probe, { update: 1, parameterSteps: { from: 0, to: steps } });
    const byLag = lagsByLayer(lags, health.layers.length);
    return {
      ...health,
      update: null,
      layers: health.layers.map((layer, at) => ({ ...layer, byLag: byLag[at] ?? null })),
      // No step was taken.
      parameters: health.parameters?.map((parameter) => ({ ...parameter, update: null })) ?? null,
    };
  } finally {
    disposeTree([value, gradient]);
  }
}

/**
 * `‖∂ℓ/∂h‖` by lag for each layer, the root of the mean square over rows; none for a cell that keeps its states otherwise. At lag 0 a
 * loss looks at the last layer alone.
 */
function lagsByLayer({ losses }: GradientByLag, layers: number): number[][] {
  const state = losses.at(-1)?.states.find(({ name }) => name === 'h');
  if (state === undefined) return [];
  const rows = state.shape.reduce((all, length) => all * length, 1) / layers;
  return Array.from({ length: layers }, (_, layer) => {
    const own = state.each.slice(1).map((each) => Math.hypot(...each.slice(layer * rows, (layer + 1) * rows)));
    const first = layer === layers - 1 ? (state.norms[0] as number) : NaN;
    return [first, ...own].map((norm) => norm / Math.sqrt(rows));
  });
}
