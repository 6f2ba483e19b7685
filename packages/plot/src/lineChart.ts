import * as Plot from '@observablehq/plot';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { axisOf, type Axis } from './draw/axis.js';
import { checkSeries } from './draw/checkSeries.js';
import { drawLegend } from './draw/legend.js';
import { Picture } from './draw/Picture.js';
import { seriesColours, theme, type Colour } from './draw/theme.js';
import { thin } from './draw/thin.js';

/** An axis of a chart. */
export interface ChartAxis {
  /** What it measures, with its unit. */
  readonly label: string;
  /** Whether it is logarithmic; default is false. What is not above 0 is then left out. */
  readonly log?: boolean;
  /** What it shows at least; default is what there is. */
  readonly range?: readonly [low: number, high: number];
}

/** A line of a chart. */
export interface ChartSeries {
  readonly name: string;
  /** `[x, y]`, in the order in which they are joined; where y is NaN or infinite the line is interrupted. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** `[x, low, high]`: a band behind the line, such as the range over seeds. */
  readonly band?: readonly (readonly [x: number, low: number, high: number])[];
  /** Whether the line is dashed; default is false. */
  readonly dashed?: boolean;
}

/** A line across a chart, at a value of x or of y. */
export interface ChartRule {
  readonly x?: number;
  readonly y?: number;
  /** What stands beside it. */
  readonly label?: string;
}

/** A chart of lines, as data. */
export interface LineChartOptions {
  /** What stands above it. */
  readonly title: string;
  /** A sentence below the title. */
  readonly subtitle?: string;
  /** What is to be seen, for those who do not see it; default is the subtitle. */
  readonly description?: string;
  /** What goes across. */
  readonly x: ChartAxis;
  /** What goes up. */
  readonly y: ChartAxis;
  /** The lines, those that come later above those before. */
  readonly series: readonly ChartSeries[];
  /** Lines across, such as a known optimum. */
  readonly rules?: readonly ChartRule[];
  /** In pixels; default is 640. It shrinks with the page. */
  readonly width?: number;
  /** Of the part with the lines, in pixels; default is 300. */
  readonly height?: number;
}

const chartTable = optionTable<LineChartOptions>({
  title: required('string'),
  subtitle: 'string',
  description: 'string',
  x: required('object'),
  y: required('object'),
  series: required('array'),
  rules: 'array',
  width: 'number',
  height: 'number',
});
const axisTable = optionTable<ChartAxis>({ label: required('string'), log: 'boolean', range: 'array' });

/** Text that stands on lines. */
const halo = { fill: theme.muted[0], stroke: theme.paper[0], strokeWidth: 4 };

interface Line extends ChartSeries {
  readonly colour: Colour;
  readonly dash: string | undefined;
}

/**
 * A chart of lines as SVG that stands alone: no scripts, no ids, readable on light and dark paper, with its title and description for
 * screen readers. Lines of more points than it has pixels are thinned to what can be seen.
 * @throws ArgumentError for data that is no chart.
 */
export function lineChart(options: LineChartOptions): string {
  checkOptions('lineChart', options, chartTable);
  checkOptions('lineChart', options.x, axisTable, 'x');
  checkOptions('lineChart', options.y, axisTable, 'y');
  checkSeries('lineChart', options);
  const { width = 640, height = 300 } = options;
  const picture = new Picture(width);
  picture.head(options);
  drawLines(picture, options, height);
  return picture.toString(options);
}

function drawLines(picture: Picture, { x, y, series, rules = [] }: LineChartOptions, height: number): void {
  const { width, document } = picture;
  const lines = series.map((each, index): Line => ({
    ...each,
    points: thin(each.points, width),
    colour: seriesColours[index % seriesColours.length] as Colour,
    dash: each.dashed === true ? '5 4' : index >= seriesColours.length ? '2 3' : undefined,
  }));
  picture.uses(...lines.map(({ colour }) => colour));
  if (lines.length > 1) drawLegend(picture, lines);
  const [across, down] = axesOf({ x, y, series, rules }, width, height);
  const acrossWords = rulesOf(rules, 'x', across);
  const downWords = rulesOf(rules, 'y', down);
  const isLeft = ({ at }: { at: number }): boolean => leftIsFree(lines, at, across, down);
  const chart = Plot.plot({
    document,
    width,
    height,
    // Words of rules stand above the frame, below what the axis measures.
    marginTop: acrossWords.some(({ label }) => label !== '') ? 38 : 24,
    marginRight: 20,
    marginBottom: 42,
    marginLeft: 58,
    x: across.scale,
    y: down.scale,
    marks: [
      Plot.gridY(down.ticks, { stroke: theme.grid[0], strokeOpacity: 1 }),
      Plot.ruleX(acrossWords, { x: 'at', stroke: theme.muted[0], strokeDasharray: '3 3' }),
      Plot.ruleY(downWords, { y: 'at', stroke: theme.muted[0], strokeDasharray: '3 3' }),
      ...lines.flatMap((line) => marksOf(line, across, down)),
      Plot.text(acrossWords, {
        x: 'at',
        text: 'label',
        frameAnchor: 'top',
        textAnchor: 'start',
        dx: 5,
        dy: -13,
        ...halo,
      }),
      ...(['left', 'right'] as const).map((side) =>
        Plot.text(
          downWords.filter((word) => isLeft(word) === (side === 'left')),
          {
            y: 'at',
            text: 'label',
            frameAnchor: side,
            textAnchor: side === 'left' ? 'start' : 'end',
            dx: side === 'left' ? 4 : 0,
            dy: -7,
            ...halo,
          },
        ),
      ),
      Plot.axisX(across.ticks, { ...across.marks, label: null }),
      Plot.axisY(down.ticks, { ...down.marks, label: null, tickSize: 0 }),
      Plot.ruleY([down.scale.domain[0]], { stroke: theme.frame[0] }),
    ],
  });
  picture.add(chart, 0, picture.height);
  picture.text(y.label, { x: 16, y: picture.height + 12, 'font-size': 12 });
  picture.extend(height);
  picture.text(x.label, { x: width - 20, y: picture.height - 8, 'font-size': 12, 'text-anchor': 'end' });
  picture.extend(4);
}

function axesOf(
  { x, y, series, rules }: Required<Pick<LineChartOptions, 'x' | 'y' | 'series' | 'rules'>>,
  width: number,
  height: number,
): [Axis, Axis] {
  const all = series.flatMap(({ points, band = [] }) => [
    ...points,
    ...band.flatMap(([at, low, high]) => [[at, low] as const, [at, high] as const]),
  ]);
  const at = (name: 'x' | 'y'): number[] => rules.flatMap((rule) => rule[name] ?? []);
  return [
    axisOf([...all.map((point) => point[0]), ...at('x'), ...(x.range ?? [])], x.log === true, width / 90, false),
    axisOf([...all.map((point) => point[1]), ...at('y'), ...(y.range ?? [])], y.log === true, height / 50, true),
  ];
}

/** What is drawn of one line: its band, itself, and where it has one point alone, a dot. */
function marksOf({ points, band = [], colour: [colour], dash }: Line, across: Axis, down: Axis): Plot.Markish[] {
  const shown = (x: number, y: number): boolean => across.shows(x) && down.shows(y);
  const y = points.map((point) => (shown(...point) ? point[1] : NaN));
  const alone = points.filter((_, at) => !isShown(y, at - 1) && isShown(y, at) && !isShown(y, at + 1));
  const dashes = dash === undefined ? {} : { strokeDasharray: dash };
  return [
    Plot.areaY(
      band.filter(([x, low, high]) => shown(x, low) && shown(x, high)),
      { x: '0', y1: '1', y2: '2', fill: colour, fillOpacity: 0.18 },
    ),
    Plot.line(points, { x: '0', y, stroke: colour, strokeWidth: 2, ...dashes }),
    Plot.dot(alone, { x: '0', y: '1', fill: colour, r: 3.5 }),
  ];
}

/** Whether the words of a rule stand better at its left end: a line passes its right end there, and none its left. */
function leftIsFree(lines: readonly Line[], at: number, across: Axis, down: Axis): boolean {
  const passes = (side: 'left' | 'right'): boolean =>
    lines.some(({ points }) =>
      points.some(([x, y]) => {
        if (!across.shows(x) || !down.shows(y)) return false;
        const along = shareOf(x, across);
        const above = shareOf(y, down) - shareOf(at, down);
        return (side === 'left' ? along < 0.25 : along > 0.75) && above > -0.02 && above < 0.1;
      }),
    );
  return passes('right') && !passes('left');
}

/** Where a value lies along an axis, from 0 to 1. */
function shareOf(value: number, { scale: { type, domain } }: Axis): number {
  const place = type === 'log' ? Math.log : (x: number): number => x;
  return (place(value) - place(domain[0])) / (place(domain[1]) - place(domain[0]));
}

function isShown(y: readonly number[], at: number): boolean {
  return Number.isFinite(y[at]);
}

function rulesOf(rules: readonly ChartRule[], name: 'x' | 'y', axis: Axis): { at: number; label: string }[] {
  return rules.flatMap((rule) => {
    const at = rule[name];
    return at === undefined || !axis.shows(at) ? [] : [{ at, label: rule.label ?? '' }];
  });
}
