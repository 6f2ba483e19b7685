import * as Plot from '@observablehq/plot';
import type { LayerHealth } from '@tempograd/nn';
import { axisOf } from '../draw/axis.js';
import { drawLegend } from '../draw/legend.js';
import { Picture, type Words } from '../draw/Picture.js';
import { drawRows } from '../draw/rows.js';
import { seriesColours, theme, type Colour } from '../draw/theme.js';

const [blue, orange] = seriesColours as readonly [Colour, Colour];

/** How much of the time each gate lies at its ends, a bar a gate; null where it was not measured. */
export function saturationPicture(layers: readonly LayerHealth[], width: number): string | null {
  const gates = layers.flatMap(({ name, saturation }) =>
    Object.entries(saturation ?? {}).map(([gate, { low, high }]) => ({
      name: `${name} ${gate}`,
      low: share(low),
      high: share(high),
    })),
  );
  if (gates.length === 0) return null;
  const words: Words = {
    title: 'Gates at their ends',
    subtitle:
      'Share of values that are all but shut, and all but open: there a gate passes next to no gradient to what sets it',
    description: gates
      .map(({ name, low, high }) => `${name}: ${low.toFixed(2)} shut, ${high.toFixed(2)} open`)
      .join('; '),
  };
  const picture = new Picture(width);
  picture.head(words);
  picture.uses(blue, orange);
  drawLegend(picture, [
    { name: 'shut', colour: blue },
    { name: 'open', colour: orange },
  ]);
  const bar = { y: 'name', rx: 1 };
  drawRows(picture, {
    names: gates.map(({ name }) => name),
    x: axisOf([0, 1], false, 5, true),
    label: 'share of values',
    rowHeight: 24,
    marks: [
      Plot.barX(gates, { ...bar, x1: 0, x2: 1, fill: theme.grid[0] }),
      Plot.barX(gates, { ...bar, x1: 0, x2: 'low', fill: blue[0] }),
      Plot.barX(gates, { ...bar, x1: (gate: { high: number }) => 1 - gate.high, x2: 1, fill: orange[0] }),
    ],
  });
  return picture.toString(words);
}

function share(value: number): number {
  return Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0;
}
