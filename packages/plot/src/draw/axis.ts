import { theme } from './theme.js';
import { logTicks, tickText } from './ticks.js';

/** A scale of a chart, with where its marks are. */
export interface Axis {
  readonly scale: { readonly type: 'linear' | 'log'; readonly domain: [number, number] };
  readonly ticks: number[];
  /** How its marks look. */
  readonly marks: { readonly text: (value: number) => string; readonly color: string; readonly stroke: string };
  /** Whether a value has a place on it. */
  shows(value: number): boolean;
}

/** The axis that shows these values; `rounded` makes it begin and end at a mark. */
export function axisOf(values: readonly number[], log: boolean, wanted: number, rounded: boolean): Axis {
  const shows = (value: number): boolean => Number.isFinite(value) && (!log || value > 0);
  const [low, high] = extent(values.filter(shows), log);
  const count = Math.max(2, Math.round(wanted));
  const { domain, ticks } = log ? logDomain(low, high, count, rounded) : linearDomain(low, high, count, rounded);
  return {
    scale: { type: log ? 'log' : 'linear', domain },
    ticks,
    marks: { text: tickText, color: theme.muted[0], stroke: theme.frame[0] },
    shows,
  };
}

/** Least and greatest, apart from each other even where there is one value or none. */
function extent(values: readonly number[], log: boolean): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (low > high) return log ? [1, 10] : [0, 1];
  if (low < high) return [low, high];
  if (log) return [low / 2, high * 2];
  const room = Math.abs(low) / 10 || 1;
  return [low - room, high + room];
}

interface Domain {
  readonly domain: [number, number];
  readonly ticks: number[];
}

function linearDomain(low: number, high: number, count: number, rounded: boolean): Domain {
  const step = niceStep((high - low) / count);
  const [first, last] = rounded
    ? [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)]
    : [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  const ticks = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) =>
    Number(((first + at) * step).toPrecision(12)),
  );
  return { domain: rounded ? [ticks[0] ?? low, ticks.at(-1) ?? high] : [low, high], ticks };
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((each) => each * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function logDomain(low: number, high: number, count: number, rounded: boolean): Domain {
  if (!rounded) return { domain: [low, high], ticks: logTicks([low, high], count) };
  const decades = Math.log10(high / low);
  // Over few decades a whole one at each end would be mostly empty.
  const steps = decades > 2 ? [1, 10] : [1, 2, 5, 10];
  const down = (value: number): number => {
    const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
    return Number((Math.max(...steps.filter((step) => step * power <= value * (1 + 1e-9))) * power).toPrecision(12));
  };
  const bottom = down(low);
  const power = 10 ** Math.floor(Math.log10(high) + 1e-9);
  const top = Number((Math.min(...steps.filter((step) => step * power >= high * (1 - 1e-9))) * power).toPrecision(12));
  return { domain: [bottom, top], ticks: logTicks([bottom, top], count) };
}
