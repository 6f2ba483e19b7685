import * as Plot from '@observablehq/plot';
import { element, type Picture } from '../draw/Picture.js';
import { theme, type Colour } from '../draw/theme.js';
import type { CreditScale } from './CreditScale.js';
import type { Matrix } from './Matrix.js';
import { outline } from './outline.js';

/** The line about a mask. */
export const maskColour: Colour = ['#0a7d78', '#5eead4'];

/** Where the matrix stands in its picture. */
export interface Place {
  readonly left: number;
  readonly top: number;
  /** Of the whole square. */
  readonly side: number;
}

/** What is drawn with a matrix. */
export interface Beside {
  readonly mask: Matrix | null;
  /** What stands along both sides, one for each step; numbers where there are none, or no room. */
  readonly labels: readonly string[];
}

const margins = { marginTop: 10, marginBottom: 44, marginLeft: 50, marginRight: 18 };
/** With more rows than this, neighbours share a square. */
const mostRows = 160;

/** Draws the matrix: a square for each pair of steps, the mask's edge on it, and the steps along both sides. */
export function drawMatrix(picture: Picture, norms: Matrix, { mask, labels }: Beside, scale: CreditScale): Place {
  const { document, width, height: above } = picture;
  const time = norms.length;
  const room = width - margins.marginLeft - margins.marginRight;
  // Squares of whole or half pixels look even, and need fewer digits.
  const side = time <= room / 3 ? (Math.floor((2 * room) / time) / 2) * time : room;
  const place = { left: margins.marginLeft, top: above + margins.marginTop, side };
  const height = side + margins.marginTop + margins.marginBottom;
  const named = labels.length === time && side / time >= 6;
  const steps = named ? labels.map((_, at) => at + 0.5) : numberedSteps(time);
  const ticks = {
    text: (at: number) => (named ? (labels[at - 0.5] as string) : String(at + 0.5)),
    fontSize: named ? Math.min(11, Math.round((side / time) * 1.1)) : 11,
    tickSize: 0,
    color: theme.muted[0],
    label: null,
  };
  picture.uses(maskColour, ...scale.colours);
  const chart = Plot.plot({
    document,
    width: side + margins.marginLeft + margins.marginRight,
    height,
    ...margins,
    x: { type: 'linear', domain: [0, time] },
    y: { type: 'linear', domain: [time, 0] },
    marks: [Plot.axisX(steps, ticks), Plot.axisY(steps, ticks)],
  });
  picture.add(chart, 0, above);
  const group = { transform: `translate(${place.left},${place.top})` };
  const parts = [...squares(picture, norms, mask, scale, side), ...edges(picture, mask, side)];
  picture.add(element(document, 'g', group, ...parts));
  const [middle, centre] = [place.left + side / 2, place.top + side / 2];
  const label = { 'font-size': 12, 'text-anchor': 'middle' };
  picture.text('parameters as used at step t →', { ...label, x: middle, y: place.top + side + 35 });
  picture.text('← loss at step s', { ...label, x: 18, y: centre, transform: `rotate(-90,18,${centre})` });
  picture.extend(height);
  return place;
}

/** Middles of the steps that are numbered. */
function numberedSteps(time: number): number[] {
  const every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000].find((step) => time / step <= 10) ?? 5000;
  const numbers = [1, ...Array.from({ length: Math.floor(time / every) }, (_, at) => (at + 1) * every)];
  return [...new Set(numbers)].map((number) => number - 0.5);
}

/** The squares in two groups, inside the mask and faded outside, one path for each colour. */
function squares(picture: Picture, norms: Matrix, mask: Matrix | null, scale: CreditScale, side: number): Element[] {
  const every = Math.ceil(norms.length / mostRows);
  const rows = Math.ceil(norms.length / every);
  const cell = (side / norms.length) * every;
  const gap = cell >= 6 ? 1 : 0;
  const isIn = (row: number, column: number): boolean =>
    mask === null || (mask[row * every]?.[column * every] ?? 0) !== 0;
  return [true, false].flatMap((inside) => {
    const paths = scale.colours.map(() => '');
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column <= row; column++) {
        if (isIn(row, column) !== inside) continue;
        const level = scale.level(greatestOf(norms, row * every, column * every, every));
        if (level >= 0) paths[level] += square(column * cell + gap / 2, row * cell + gap / 2, cell - gap);
      }
    }
    const drawn = paths.flatMap((d, level) => (d === '' ? [] : [{ d, fill: scale.colours[level]?.[0] }]));
    if (drawn.length === 0) return [];
    // Where squares touch, no paper may shine through between them.
    const group = { opacity: inside ? undefined : 0.36, 'shape-rendering': gap === 0 ? 'crispEdges' : undefined };
    return [element(picture.document, 'g', group, ...drawn.map((each) => element(picture.document, 'path', each)))];
  });
}

function greatestOf(norms: Matrix, s: number, t: number, every: number): number {
  let most = norms[s]?.[t] ?? 0;
  for (let row = s; row < Math.min(s + every, norms.length); row++) {
    for (let column = t; column < Math.min(t + every, row + 1); column++) {
      const norm = norms[row]?.[column] ?? 0;
      if (norm > most) most = norm;
    }
  }
  return most;
}

function square(x: number, y: number, side: number): string {
  return `M${short(x)} ${short(y)}h${short(side)}v${short(side)}h${short(-side)}z`;
}

function short(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The mask's edge, on a softer one in the colour of the paper that keeps it apart from the squares. */
function edges({ document }: Picture, mask: Matrix | null, side: number): Element[] {
  if (mask === null) return [];
  const cell = side / mask.length;
  const lines = outline(mask.length, (s, t) => t <= s && (mask[s]?.[t] ?? 0) !== 0);
  if (lines.length === 0) return [];
  const d = lines
    .map((line) => `M${line.map(([x, y]) => `${short(x * cell)} ${short(y * cell)}`).join('L')}Z`)
    .join('');
  const line = { d, fill: 'none', 'stroke-linejoin': 'round' };
  return [
    element(document, 'path', { ...line, stroke: theme.paper[0], 'stroke-width': 5, 'stroke-opacity': 0.7 }),
    element(document, 'path', { ...line, stroke: maskColour[0], 'stroke-width': 2.25 }),
  ];
}
