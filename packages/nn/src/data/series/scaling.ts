import { ArgumentError } from '@tempograd/core';
import { DataError } from '../DataError.js';

/**
 * How to scale a channel: 'standard' to mean 0 and deviation 1, 'minMax' to 0 … 1, 'robust' to median 0 and a range between the
 * quartiles of 1, 'log' to its logarithm, 'none' not at all. As an object, minMax takes another `range`, robust other `quantiles`,
 * and log an `offset` that is added before: 1 for counts, among which 0 may be.
 */
export type ScalingMethod =
  | 'none'
  | 'standard'
  | 'minMax'
  | 'robust'
  | 'log'
  | { readonly kind: 'minMax'; readonly range: readonly [low: number, high: number] }
  | { readonly kind: 'robust'; readonly quantiles: readonly [low: number, high: number] }
  | { readonly kind: 'log'; readonly offset: number };

/** One method, or several after one another: `['log', 'standard']`. */
export type Scaling = ScalingMethod | readonly ScalingMethod[];

/** A step of scaling with its numbers: `(x − shift) / scale`, or `log(x + offset)`. */
export type FittedScaling =
  | { readonly kind: 'standard' | 'minMax' | 'robust'; readonly shift: number; readonly scale: number }
  | { readonly kind: 'log'; readonly offset: number };

/** Finds the numbers of a scaling for the values of a channel, NaN left out; `name` is for errors. */
export function fitScaling(name: string, values: Float64Array, scaling: Scaling): FittedScaling[] {
  const methods = (Array.isArray(scaling) ? scaling : [scaling]) as readonly ScalingMethod[];
  let known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) throw new DataError(`fitScaler: every value of ${name} is missing.`);
  const steps: FittedScaling[] = [];
  for (const method of methods) {
    const step = fitOne(name, known, method);
    if (step === null) continue;
    steps.push(step);
    known = known.map((value) => applyScaling('fitScaler', name, step, value));
  }
  return steps;
}

/** A value scaled. @throws DataError for a logarithm that there is not. */
export function applyScaling(of: string, name: string, step: FittedScaling, value: number): number {
  if (step.kind !== 'log') return (value - step.shift) / step.scale;
  const { offset } = step;
  if (value + offset <= 0) {
    throw new DataError(
      `${of}: ${value} in ${name} has no logarithm${offset === 0 ? '' : ` when ${offset} is added`}. ` +
        "Give { kind: 'log', offset } with an offset above the lowest value's distance to 0, such as 1 for counts, or another method.",
    );
  }
  return offset === 1 ? Math.log1p(value) : Math.log(value + offset);
}

/** The value that was scaled to this one. */
export function invertScaling(step: FittedScaling, value: number): number {
  if (step.kind !== 'log') return value * step.scale + step.shift;
  return step.offset === 1 ? Math.expm1(value) : Math.exp(value) - step.offset;
}

function fitOne(name: string, values: Float64Array, method: ScalingMethod): FittedScaling | null {
  const settings: { readonly kind: string; range?: unknown; quantiles?: unknown; offset?: unknown } =
    typeof method === 'object' && method !== null ? method : { kind: method };
  switch (settings.kind) {
    case 'none':
      return null;
    case 'standard':
      return standard(name, values);
    case 'minMax':
      return minMax(name, values, pair('range', settings.range ?? [0, 1], -Infinity, Infinity));
    case 'robust':
      return robust(name, values, pair('quantiles', settings.quantiles ?? [0.25, 0.75], 0, 1));
    case 'log': {
      const { offset = 0 } = settings;
      if (typeof offset !== 'number' || !Number.isFinite(offset))
        throw new ArgumentError(`fitScaler: offset must be a finite number, but is ${String(offset)}.`);
      return { kind: 'log', offset };
    }
    default:
      throw new ArgumentError(
        `fitScaler: there is no scaling ${JSON.stringify(settings.kind) ?? typeof settings.kind}; known are 'none', 'standard', 'minMax', 'robust' and 'log', and lists of these.`,
      );
  }
}

function standard(name: string, values: Float64Array): FittedScaling {
  const rough = values.reduce((sum, value) => sum + value / values.length, 0);
  const mean = rough + values.reduce((sum, value) => sum + (value - rough) / values.length, 0);
  const furthest = values.reduce((most, value) => Math.max(most, Math.abs(value - mean)), 0);
  // By shares of the furthest, so that no square overflows.
  const squares = values.reduce((sum, value) => sum + ((value - mean) / furthest) ** 2, 0);
  const constant = values.every((value) => value === values[0]);
  return affine(
    name,
    'standard',
    constant ? (values[0] as number) : mean,
    constant ? 0 : furthest * Math.sqrt(squares / values.length),
  );
}

function minMax(name: string, values: Float64Array, [low, high]: readonly [number, number]): FittedScaling {
  const least = values.reduce((a, b) => Math.min(a, b));
  const spread = (values.reduce((a, b) => Math.max(a, b)) - least || 1) / (high - low);
  return affine(name, 'minMax', least - low * spread, spread);
}

function robust(name: string, values: Float64Array, [low, high]: readonly [number, number]): FittedScaling {
  const sorted = values.toSorted();
  return affine(name, 'robust', quantile(sorted, 0.5), quantile(sorted, high) - quantile(sorted, low));
}

/** A constant channel has no spread: it is only shifted. */
function affine(name: string, kind: 'standard' | 'minMax' | 'robust', shift: number, spread: number): FittedScaling {
  const scale = spread === 0 ? 1 : spread;
  if (!Number.isFinite(shift) || !Number.isFinite(scale))
    throw new DataError(`fitScaler: the values of ${name} are too large to scale; divide them first.`);
  return { kind, shift, scale };
}

/** Between the two nearest values on a line. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const [a, b] = [sorted[below] as number, sorted[Math.min(below + 1, sorted.length - 1)] as number];
  return a + (b - a) * (place - below);
}

function pair(name: string, given: unknown, least: number, most: number): readonly [number, number] {
  const [low, high] = Array.isArray(given) ? (given as unknown[]) : [];
  if (
    typeof low === 'number' &&
    typeof high === 'number' &&
    low < high &&
    low >= least &&
    high <= most &&
    Number.isFinite(high - low)
  )
    return [low, high];
  const within = least === 0 ? ' from 0 to 1' : '';
  throw new ArgumentError(
    `fitScaler: ${name} must be two numbers${within}, the lower first, but is ${JSON.stringify(given)}.`,
  );
}
