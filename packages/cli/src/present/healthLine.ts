import type { GradientHealth, LayerHealth } from '@tempograd/nn';
import { dim, figures } from './format.js';
import type { Shown } from './liveProgress.js';

/** Bars of a sparkline, the lowest first. */
const bars = [...'▁▂▃▄▅▆▇█'];

/** Powers of ten from the highest bar to the lowest. */
const decades = 4;

/** Columns of a sparkline at most. */
const widest = 20;

/** A layer of which it is known what a loss says of its state, by lag. */
type LaggedLayer = LayerHealth & { readonly byLag: readonly number[] };

/** How the gradients are doing, in a line below the bar: what is left of the gradient by lag, first. */
export function shownHealth(health: GradientHealth): Shown {
  const parts = partsOf(health);
  return {
    line: () => parts.join(' · '),
    bar(columns) {
      let shown = parts.length;
      const text = (): string => parts.slice(0, shown).join(' · ');
      while (shown > 1 && [...text()].length > columns) shown--;
      return dim([...text()].slice(0, columns).join(''));
    },
  };
}

/** In the order in which a narrow terminal does without them: the last go first. */
function partsOf({ layers, clipping, informed, parameters }: GradientHealth): string[] {
  const worst = fadingMost(layers);
  const step = parameters === null ? null : stepOf(parameters);
  return [
    ...(worst === null ? [] : [describeLags(worst, layers.length === 1)]),
    ...(clipping === null ? [] : [describeClipping(clipping)]),
    ...(step === null ? [] : [`step ${percent(step)} of the weights`]),
    ...(informed === null ? [] : [`${percent(Math.max(0, informed))} informed`]),
  ];
}

/** `gradient █▆▅▃▂▁ 0.4% left 50 steps back`. */
function describeLags({ name, byLag }: LaggedLayer, isOnly: boolean): string {
  const most = Math.max(...byLag);
  const left = most > 0 ? (byLag.at(-1) as number) / most : 0;
  const of = isOnly ? '' : ` of ${name}`;
  return `gradient${of} ${sparkline(byLag)} ${percent(left)} left ${byLag.length - 1} steps back`;
}

function describeClipping({ share, meanFactor }: NonNullable<GradientHealth['clipping']>): string {
  return share === 0 ? 'not clipped' : `${percent(share)} clipped, to ${percent(meanFactor)}`;
}

/** The layer of whose gradient least is left. */
function fadingMost(layers: readonly LayerHealth[]): LaggedLayer | null {
  const left = (lags: readonly number[]): number => (lags.at(-1) ?? 0) / Math.max(...lags);
  let worst: LaggedLayer | null = null;
  for (const layer of layers) {
    const { byLag } = layer;
    if (byLag === null || byLag.length < 2 || !(Math.max(...byLag) > 0)) continue;
    if (worst === null || left(byLag) < left(worst.byLag)) worst = { ...layer, byLag };
  }
  return worst;
}

function stepOf(parameters: NonNullable<GradientHealth['parameters']>): number | null {
  const of = (norm: 'update' | 'weight'): number => Math.hypot(...parameters.map((each) => each[norm] ?? NaN));
  const step = of('update') / of('weight');
  return Number.isFinite(step) ? step : null;
}

/** Norms as bars by their powers of ten below the greatest. */
export function sparkline(norms: readonly number[]): string {
  const columns = Math.min(widest, norms.length);
  const most = Math.max(...norms);
  return Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * norms.length) / columns);
    const to = Math.max(from + 1, Math.floor(((column + 1) * norms.length) / columns));
    const depth = -Math.log10(Math.max(...norms.slice(from, to)) / most) / decades;
    const bar = Math.round((1 - depth) * (bars.length - 1));
    return bars[Math.max(0, Math.min(bars.length - 1, Number.isNaN(bar) ? 0 : bar))];
  }).join('');
}

function percent(share: number): string {
  const shown = 100 * share;
  return shown !== 0 && Math.abs(shown) < 0.001
    ? `${shown.toExponential(0)}%`
    : `${figures(Number(shown.toPrecision(2)))}%`;
}
