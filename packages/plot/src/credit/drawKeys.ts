import { element, textWidth, wrap, type Picture } from '../draw/Picture.js';
import { theme } from '../draw/theme.js';
import { tickText } from '../draw/ticks.js';
import type { CreditScale } from './CreditScale.js';
import { maskColour, type Place } from './drawMatrix.js';

/** Draws the scale of colours, and what the mask is, in the corner where there is no credit. */
export function drawKeys(
  picture: Picture,
  { left, top, side }: Place,
  scale: CreditScale,
  mask: readonly string[],
): void {
  const { document } = picture;
  const right = left + side;
  const bar = Math.min(230, side * 0.42);
  const lines = mask.flatMap((words) => wrap(words, (side * 0.56 - 24) / 6.6));
  const from = right - Math.max(bar, ...lines.map((line) => 24 + textWidth(line, 12)));
  const step = (right - from) / scale.colours.length;
  picture.text('norm of the credit', { x: from, y: top + 9, 'font-size': 12, fill: theme.ink[0] });
  const bars = scale.colours.map(([fill], at) =>
    // A little too wide, so that no paper shines through between them.
    element(document, 'rect', {
      x: from + at * step,
      y: top + 17,
      width: step + (at < scale.colours.length - 1 ? 0.5 : 0),
      height: 10,
      fill,
    }),
  );
  picture.add(element(document, 'g', {}, ...bars));
  picture.text(tickText(Number(scale.low.toPrecision(1))), { x: from, y: top + 41 });
  picture.text(tickText(Number(scale.high.toPrecision(1))), { x: right, y: top + 41, 'text-anchor': 'end' });
  if (lines.length === 0) return;
  const box = {
    x: from + 1,
    y: top + 59,
    width: 13,
    height: 13,
    fill: 'none',
    stroke: maskColour[0],
    'stroke-width': 2.25,
  };
  picture.add(element(document, 'rect', box));
  for (const [at, line] of lines.entries()) {
    picture.text(line, {
      x: from + 24,
      y: top + 70 + 17 * at,
      'font-size': 12,
      fill: at === 0 ? theme.ink[0] : theme.muted[0],
    });
  }
}
