type Point = readonly [x: number, y: number];

/**
 * A line of as few points as look the same: where more than four share a pixel's column, the first, the least, the greatest and the last
 * of them. Lines that do not go from left to right stay as they are.
 */
export function thin(points: readonly Point[], width: number): readonly Point[] {
  if (points.length <= 4 * width) return points;
  for (let at = 1; at < points.length; at++) {
    // Where it turns back, or has a gap, order matters.
    if (!((points[at] as Point)[0] >= (points[at - 1] as Point)[0])) return points;
  }
  const kept: Point[] = [];
  const perColumn = Math.ceil(points.length / width);
  for (let from = 0; from < points.length; from += perColumn) {
    const column = points.slice(from, from + perColumn);
    if (column.some(([, y]) => !Number.isFinite(y))) {
      kept.push(...column);
      continue;
    }
    let [least, greatest] = [0, 0];
    for (const [at, [, y]] of column.entries()) {
      if (y < (column[least] as Point)[1]) least = at;
      if (y > (column[greatest] as Point)[1]) greatest = at;
    }
    const places = new Set([0, least, greatest, column.length - 1].sort((a, b) => a - b));
    for (const place of places) kept.push(column[place] as Point);
  }
  return kept;
}
