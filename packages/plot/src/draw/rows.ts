import * as Plot from '@observablehq/plot';
import type { Axis } from './axis.js';
import { textWidth, type Picture } from './Picture.js';
import { theme } from './theme.js';

/** What is drawn in rows with names at their left. */
export interface Rows {
  readonly names: readonly string[];
  readonly x: Axis;
  /** What x measures. */
  readonly label: string;
  readonly marks: readonly Plot.Markish[];
  /** In pixels. */
  readonly rowHeight: number;
}

const below = 44;
const above = 6;

/** Draws rows; a mark's `y` is the name of its row. */
export function drawRows(picture: Picture, { names, x, label, marks, rowHeight }: Rows): void {
  const { width, document } = picture;
  const room = width * 0.4;
  const widest = Math.max(0, ...names.map((name) => textWidth(name, 11.5)));
  const marginLeft = Math.round(Math.min(room, widest) + 28);
  const height = above + below + names.length * rowHeight;
  const chart = Plot.plot({
    document,
    width,
    height,
    marginTop: above,
    marginRight: 24,
    marginBottom: below,
    marginLeft,
    x: x.scale,
    y: { type: 'band', domain: names, padding: 0.28 },
    marks: [
      Plot.gridX(x.ticks, { stroke: theme.grid[0], strokeOpacity: 1 }),
      ...marks,
      Plot.axisX(x.ticks, { ...x.marks, label: null, tickSize: 0 }),
      Plot.axisY({
        tickSize: 0,
        color: theme.ink[0],
        label: null,
        tickFormat: (name: string) => shortened(name, room),
      }),
    ],
  });
  picture.add(chart, 0, picture.height);
  picture.extend(height);
  picture.text(label, { x: width - 24, y: picture.height - 10, 'font-size': 12, 'text-anchor': 'end' });
}

/** A name without its middle, where it is too wide: names differ most often at their ends. */
function shortened(name: string, room: number): string {
  const letters = Math.floor(room / textWidth('a', 11));
  if (name.length <= letters) return name;
  const half = Math.floor((letters - 1) / 2);
  return `${name.slice(0, half)}…${name.slice(-half)}`;
}
