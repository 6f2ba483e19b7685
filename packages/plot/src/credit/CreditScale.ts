import * as Plot from '@observablehq/plot';
import type { Colour } from '../draw/theme.js';

/** How norms become colours: logarithmic, in steps. */
export interface CreditScale {
  /** The norms at its two ends; what is not above the first is not drawn. */
  readonly low: number;
  readonly high: number;
  /** From the faintest on; each fades into the paper it is on. */
  readonly colours: readonly Colour[];
  /** The index of a norm's colour; −1 for what is too faint, or no number. */
  level(norm: number): number;
}

const levels = 32;
const light = ['#f1f5fc', '#d3e0f5', '#a3b9ea', '#8087d8', '#9561bd', '#c04a86', '#d23f4f', '#9a1c38', '#5c0d2b'];
const dark = ['#141b26', '#1c2f55', '#33479b', '#6b52b8', '#b75aa8', '#f0806f', '#ffc861', '#fff3c4'];

/** The scale of norms up to `high` over so many decades. */
export function creditScale(high: number, decades: number): CreditScale {
  const low = high / 10 ** decades;
  const [onLight, onDark] = [between(light), between(dark)];
  return {
    low,
    high,
    colours: Array.from({ length: levels }, (_, at) => [onLight(at / (levels - 1)), onDark(at / (levels - 1))]),
    level(norm) {
      if (!(norm > low)) return -1;
      return Math.min(levels - 1, Math.floor((Math.log10(norm / low) / decades) * levels));
    },
  };
}

/** Colours between those of a list, as `#rrggbb`. */
function between(stops: readonly string[]): (share: number) => string {
  const { apply } = Plot.scale({
    color: { type: 'linear', domain: stops.map((_, at) => at / (stops.length - 1)), range: stops, interpolate: 'lab' },
  });
  const hex = (part: string): string => Number(part).toString(16).padStart(2, '0');
  return (share) => `#${(String(apply(share)).match(/\d+/g) ?? []).map(hex).join('')}`;
}
