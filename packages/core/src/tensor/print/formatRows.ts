import type { Shape } from '../../backend/index.js';

/** Where a place of an axis was left out. */
type Gap = 'gap';

/** Which places of an axis are shown. */
function shownPlaces(length: number, edge: number): (number | Gap)[] {
  if (length <= 2 * edge) return Array.from({ length }, (_, index) => index);
  const ends = Array.from({ length: edge }, (_, index) => index);
  return [...ends, 'gap', ...ends.map((index) => index + edge)];
}

/** Characters in a line. */
const lineWidth = 88;

/**
 * Texts of one width in row-major order as nested brackets, `[[1, 2],\n [3, 4]]`. `shape` is that of the texts; along an axis that is
 * longer in `whole` the middle is left out, and `…` stands there.
 */
export function formatRows(texts: readonly string[], shape: Shape, whole: Shape): string {
  let next = 0;
  const level = (axis: number): string => {
    if (axis === shape.length) return texts[next++] as string;
    const [length, all] = [shape[axis] as number, whole[axis] as number];
    const isLast = axis === shape.length - 1;
    const items: string[] = [];
    for (const place of length === all ? shownPlaces(length, length) : shownPlaces(all, length / 2)) {
      items.push(place === 'gap' ? '…' : level(axis + 1));
    }
    const indent = ' '.repeat(axis + 1);
    if (isLast) return `[${wrapped(items, indent)}]`;
    const gap = ',\n'.concat('\n'.repeat(shape.length - axis - 2), indent);
    return `[${items.join(gap)}]`;
  };
  return level(0);
}

/** Items one after another, in lines that are not too long. */
function wrapped(items: readonly string[], indent: string): string {
  const lines: string[] = [''];
  items.forEach((item, index) => {
    const text = index === items.length - 1 ? item : `${item},`;
    const line = lines.at(-1) as string;
    if (line === '') lines[lines.length - 1] = text;
    else if (indent.length + line.length + text.length < lineWidth) lines[lines.length - 1] = `${line} ${text}`;
    else lines.push(text);
  });
  return lines.join(`\n${indent}`);
}
