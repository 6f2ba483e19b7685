import { ArgumentError, checkOptions, optionTable } from '@tempograd/core/backend';
import type { GradientHealth, LayerHealth } from '@tempograd/nn';
import { parametersPicture } from './health/parametersPicture.js';
import { saturationPicture } from './health/saturationPicture.js';
import { lineChart, type ChartRule, type ChartSeries } from './lineChart.js';

/** The pictures of one `GradientHealth`; those of what was not measured are null. */
export interface HealthPictures {
  /** How much of a loss reaches the states before it, by layer. */
  readonly byLag: string | null;
  /** The gradient by time, by layer. */
  readonly byTime: string | null;
  /** How often gates lie at their ends. */
  readonly saturation: string | null;
  /** Norms of weights, gradients and updates. */
  readonly parameters: string | null;
}

/** What else is drawn. */
export interface HealthPicturesOptions {
  /** Numbers of steps back that are marked in the picture by lag; default is none. */
  readonly lengths?: readonly number[];
  /** Of each picture, in pixels; default is 640. It shrinks with the page. */
  readonly width?: number;
}

const picturesTable = optionTable<HealthPicturesOptions>({ lengths: 'array', width: 'number' });

/**
 * What `gradientHealth` and `fit` measured, as small charts: SVG that stands alone, readable on light and on dark paper.
 * @throws ArgumentError for what is no `GradientHealth`.
 */
export function healthPictures(health: GradientHealth, options: HealthPicturesOptions = {}): HealthPictures {
  checkOptions('healthPictures', options, picturesTable);
  const { lengths = [], width = 640 } = options;
  if (!(width >= 240 && width <= 10_000)) {
    throw new ArgumentError(`healthPictures: width must be from 240 to 10,000 pixels, but is ${width}.`);
  }
  const given = health as Partial<GradientHealth> | null | undefined;
  if (!Array.isArray(given?.layers) || (given.parameters !== null && !Array.isArray(given.parameters))) {
    throw new ArgumentError(
      'healthPictures: a GradientHealth is wanted, as gradientHealth() and fit({ health }) give it.',
    );
  }
  const { layers, parameters } = health;
  return {
    byLag: byLag(layers, lengths, width),
    byTime: byTime(layers, width),
    saturation: saturationPicture(layers, width),
    parameters: parametersPicture(parameters, width),
  };
}

function byLag(layers: readonly LayerHealth[], lengths: readonly number[], width: number): string | null {
  const longest = Math.max(...layers.map((layer) => layer.byLag?.length ?? 0));
  const rules = lengths
    .filter((length) => length < longest)
    .map((length): ChartRule => ({ x: length, label: `${length} back` }));
  return chartOf(
    layers.flatMap(({ name, byLag: norms }) => (norms === null ? [] : [lineOf(name, norms, 0)])),
    {
      title: 'Gradient by lag',
      subtitle:
        'What a loss says of the state so many steps before it; on this scale a straight line is exponential decay',
      across: 'steps back',
      rules,
      width,
    },
  );
}

function byTime(layers: readonly LayerHealth[], width: number): string | null {
  return chartOf(
    layers.flatMap(({ name, byTime: norms, steps }) => (norms === null ? [] : [lineOf(name, norms, steps?.from ?? 0)])),
    {
      title: 'Gradient by time',
      subtitle: 'What all losses from a step on say of the state after it',
      across: 'step',
      rules: [],
      width,
    },
  );
}

interface Look {
  readonly title: string;
  readonly subtitle: string;
  readonly across: string;
  readonly rules: readonly ChartRule[];
  readonly width: number;
}

function chartOf(series: readonly ChartSeries[], { title, subtitle, across, rules, width }: Look): string | null {
  if (series.length === 0) return null;
  const y = { label: 'norm', log: true };
  return lineChart({ title, subtitle, x: { label: across }, y, series, rules, width, height: 240 });
}

/** JSON has null for what is not finite. */
function lineOf(name: string, norms: readonly (number | null)[], from: number): ChartSeries {
  return { name, points: norms.map((norm, at) => [from + at, norm ?? NaN]) };
}
