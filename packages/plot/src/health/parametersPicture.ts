import * as Plot from '@observablehq/plot';
import type { ParameterHealth } from '@tempograd/nn';
import { axisOf } from '../draw/axis.js';
import { drawLegend } from '../draw/legend.js';
import { Picture, type Words } from '../draw/Picture.js';
import { drawRows } from '../draw/rows.js';
import { seriesColours, theme, type Colour } from '../draw/theme.js';

const [blue, orange, green] = seriesColours as readonly [Colour, Colour, Colour];

/** Norms of weights, gradients and updates by parameter, a row each; null where they were not measured. */
export function parametersPicture(parameters: readonly ParameterHealth[] | null, width: number): string | null {
  if (parameters === null || parameters.length === 0) return null;
  const kinds = [
    { name: 'weight', colour: blue, of: ({ weight }: ParameterHealth) => weight },
    { name: 'gradient', colour: orange, of: ({ gradient }: ParameterHealth) => gradient },
    { name: 'update', colour: green, of: ({ update }: ParameterHealth) => update ?? NaN },
  ].filter(({ of }) => parameters.some((parameter) => isShown(of(parameter))));
  const words: Words = {
    title: 'Norms by parameter',
    description: `Norms of ${kinds.map(({ name }) => name).join(', ')} of ${parameters.length} parameters.`,
  };
  const values = parameters.flatMap((parameter) => kinds.map(({ of }) => of(parameter)).filter(isShown));
  const spans = parameters.flatMap((parameter) => {
    const own = kinds.map(({ of }) => of(parameter)).filter(isShown);
    return own.length < 2 ? [] : [{ name: parameter.name, low: Math.min(...own), high: Math.max(...own) }];
  });
  const picture = new Picture(width);
  picture.head(words);
  picture.uses(blue, orange, green);
  drawLegend(picture, kinds);
  drawRows(picture, {
    names: parameters.map(({ name }) => name),
    x: axisOf(values, true, width / 110, true),
    label: 'norm',
    rowHeight: 22,
    marks: [
      Plot.ruleY(spans, { y: 'name', x1: 'low', x2: 'high', stroke: theme.frame[0], strokeWidth: 1.5 }),
      ...kinds.map(({ of, colour }) =>
        Plot.dot(
          parameters.filter((parameter) => isShown(of(parameter))),
          { y: 'name', x: of, fill: colour[0], r: 4 },
        ),
      ),
    ],
  });
  return picture.toString(words);
}

/** Whether a norm has a place on a logarithmic axis. */
function isShown(norm: number): boolean {
  return Number.isFinite(norm) && norm > 0;
}
