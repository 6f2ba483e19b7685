import type { GateSaturation, GradientHealth, LayerHealth } from '../health/index.js';

/** What a health says that findings are made of. Plain JSON. */
export interface Look {
  readonly update: number;
  readonly layers: readonly LayerLook[];
  /** Norm of what the update changed over that of what it changed; null where it is not known. */
  readonly step: number | null;
  /** How much of the predictions comes from what went in; null where it is not known. */
  readonly informed: number | null;
  readonly clipping: { readonly updates: number; readonly share: number; readonly factor: number } | null;
}

/** A layer in a look. */
export interface LayerLook {
  readonly name: string;
  /** Steps back over which it was looked at; 0 where it was not. */
  readonly lags: number;
  /** Steps back beyond which under a hundredth is left of what a loss says of the state; `lags` where there always is more. */
  readonly reach: number;
  /** What is left at the end, as a share of the most. */
  readonly left: number;
  /** The most that a loss says of an earlier state, over what it says of its own. */
  readonly growth: number;
  /** Share of a gate's values that lie at its ends, the mean of all gates; null where it is not known or the activation has one end. */
  readonly saturation: number | null;
  /** Share of units that never move; null where it is not known. */
  readonly dead: number | null;
  /** The kind of cell, by its gates; null where it is not known. */
  readonly cell: 'lstm' | 'gru' | 'rnn' | null;
}

/** What is left of a gradient where it is said to have faded. */
const faded = 0.01;

/** A health in short. */
export function lookAt(health: GradientHealth, update: number): Look {
  const { clipping, informed } = health;
  return {
    update,
    layers: health.layers.map(layerOf),
    step: stepOf(health),
    informed,
    clipping: clipping && { updates: clipping.updates, share: clipping.share, factor: clipping.meanFactor },
  };
}

function layerOf({ name, byLag, saturation, dead }: LayerHealth): LayerLook {
  const norms = byLag ?? [];
  const most = Math.max(0, ...norms);
  const own = norms.find((norm) => norm > 0) ?? 0;
  const gates = saturation === null ? [] : Object.keys(saturation);
  return {
    name,
    lags: norms.length,
    reach: norms.findLastIndex((norm) => norm >= faded * most) + 1,
    left: most > 0 ? (norms.at(-1) as number) / most : 0,
    growth: own > 0 ? most / own : 1,
    saturation: saturation === null ? null : saturationOf(Object.values(saturation)),
    dead: dead === null || dead.of === 0 ? null : dead.count / dead.of,
    cell: gates.includes('f') ? 'lstm' : gates.includes('z') ? 'gru' : gates.includes('h') ? 'rnn' : null,
  };
}

/** Relu's lower half is no end of it: where nothing is ever high, nothing is told. */
function saturationOf(gates: readonly GateSaturation[]): number | null {
  if (gates.every(({ high }) => high === 0)) return null;
  return gates.reduce((sum, { low, high }) => sum + low + high, 0) / gates.length;
}

/** Over weights of some size: biases may begin at 0. */
function stepOf({ parameters }: GradientHealth): number | null {
  if (parameters === null || parameters.some(({ update }) => update === null)) return null;
  const norm = (of: 'update' | 'weight'): number => Math.hypot(...parameters.map((each) => each[of] ?? 0));
  return norm('weight') > 0 ? norm('update') / norm('weight') : null;
}
