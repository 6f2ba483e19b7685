import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** One value of a picture: what was measured, or what was forecast with its band. */
export interface PlotPoint {
  readonly date: Date;
  readonly value: number;
}

/** A forecast step with the band that it lies in. */
export interface BandPoint extends PlotPoint {
  readonly lower: number;
  readonly upper: number;
}

/** What is drawn. */
export interface Picture {
  readonly title: string;
  readonly subtitle: string;
  /** What the values are, with their unit. */
  readonly axis: string;
  readonly measured: readonly PlotPoint[];
  readonly seasonalNaive: readonly PlotPoint[];
  /** Forecasts of held-out steps, each made at the step before its part begins, and the ones after the last value. */
  readonly forecasts: readonly (readonly BandPoint[])[];
}

const colours = { measured: '#333333', forecast: '#0b7285', naive: '#d9822b' } as const;

/** The picture as an SVG that stands alone. */
export async function plotSvg(picture: Picture): Promise<string> {
  const { spec } = compile(specOf(picture));
  const view = new View(parse(spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function specOf({ title, subtitle, axis, measured, seasonalNaive, forecasts }: Picture): TopLevelSpec {
  const forecast = forecasts.flatMap((points, part) => points.map((point) => ({ ...point, part })));
  const x = { field: 'date', type: 'temporal', axis: { title: null, grid: false } } as const;
  const y = { field: 'value', type: 'quantitative', scale: { zero: false }, axis: { title: axis } } as const;
  const colour = (name: string) => ({ datum: name, type: 'nominal' as const, scale });
  const names = ['measured', 'forecast and its band', 'seasonal-naive'];
  const scale = { domain: names, range: [colours.measured, colours.forecast, colours.naive] };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 860,
    height: 300,
    padding: 12,
    background: 'white',
    title: { text: title, subtitle, anchor: 'start', fontSize: 15, subtitleFontSize: 12, subtitleColor: '#666666' },
    config: { font: 'sans-serif', legend: { orient: 'bottom', title: null, labelLimit: 300 }, view: { stroke: null } },
    layer: [
      {
        data: { values: forecast },
        mark: { type: 'area', opacity: 0.22, color: colours.forecast },
        encoding: { x, y: { ...y, field: 'lower' }, y2: { field: 'upper' }, detail: { field: 'part' } },
      },
      {
        data: { values: [...seasonalNaive] },
        mark: { type: 'line', strokeWidth: 1, strokeDash: [3, 3] },
        encoding: { x, y, color: colour('seasonal-naive') },
      },
      {
        data: { values: [...measured] },
        mark: { type: 'line', strokeWidth: 1.4 },
        encoding: { x, y, color: colour('measured') },
      },
      {
        data: { values: forecast },
        mark: { type: 'line', strokeWidth: 1.8 },
        encoding: { x, y, detail: { field: 'part' }, color: colour('forecast and its band') },
      },
    ],
  };
}
