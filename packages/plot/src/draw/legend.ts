import { element, padding, textWidth, type Picture } from './Picture.js';
import { theme, type Colour } from './theme.js';

/** A name beside a piece of its line. */
export interface LegendEntry {
  readonly name: string;
  readonly colour: Colour;
  readonly dash?: string | undefined;
}

const sample = 18;
const lineHeight = 18;

/** Adds names with samples of their lines, in as many rows as they need. */
export function drawLegend(picture: Picture, entries: readonly LegendEntry[]): void {
  let x = padding;
  picture.extend(lineHeight);
  for (const { name, colour, dash } of entries) {
    const width = sample + 6 + textWidth(name, 12) + 16;
    if (x > padding && x + width - 16 > picture.width - padding) {
      x = padding;
      picture.extend(lineHeight);
    }
    const y = picture.height - 6;
    const stroke = { stroke: colour[0], 'stroke-width': 2.5, 'stroke-dasharray': dash };
    picture.add(element(picture.document, 'line', { x1: x, x2: x + sample, y1: y - 4, y2: y - 4, ...stroke }));
    picture.text(name, { x: x + sample + 6, y, 'font-size': 12, fill: theme.ink[0] });
    x += width;
  }
  picture.extend(4);
}
