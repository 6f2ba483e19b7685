type Corner = readonly [x: number, y: number];

/**
 * The edge of the cells that are inside, as closed lines along the grid: corners in the order in which they are joined, without those
 * on straight pieces. Holes have lines of their own.
 */
export function outline(size: number, inside: (row: number, column: number) => boolean): Corner[][] {
  // Edges go clockwise about the cells inside, so that each begins where another ends.
  const from = new Map<string, Corner[]>();
  const add = (a: Corner, b: Corner): void => {
    const key = String(a);
    const others = from.get(key);
    if (others === undefined) from.set(key, [b]);
    else others.push(b);
  };
  const isIn = (row: number, column: number): boolean =>
    row >= 0 && column >= 0 && row < size && column < size && inside(row, column);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (!isIn(row, column)) continue;
      if (!isIn(row - 1, column)) add([column, row], [column + 1, row]);
      if (!isIn(row, column + 1)) add([column + 1, row], [column + 1, row + 1]);
      if (!isIn(row + 1, column)) add([column + 1, row + 1], [column, row + 1]);
      if (!isIn(row, column - 1)) add([column, row + 1], [column, row]);
    }
  }
  const lines: Corner[][] = [];
  for (const start of from.keys()) {
    while ((from.get(start)?.length ?? 0) > 0) lines.push(straightened(walk(start, from)));
  }
  return lines;
}

/** Follows edges until they close, and takes them out. */
function walk(start: string, from: Map<string, Corner[]>): Corner[] {
  const corners: Corner[] = [];
  let at = start;
  let heading: Corner | null = null;
  for (;;) {
    const choices = from.get(at) as Corner[];
    const here = at.split(',').map(Number) as [number, number];
    const next = choices.splice(nearestTurn(here, heading, choices), 1)[0] as Corner;
    corners.push(here);
    heading = [next[0] - here[0], next[1] - here[1]];
    at = String(next);
    if (at === start) return corners;
  }
}

/** Where cells touch at a corner two edges go on: the one that turns right stays at its own cell. */
function nearestTurn(here: Corner, heading: Corner | null, choices: readonly Corner[]): number {
  if (heading === null || choices.length === 1) return 0;
  const [dx, dy] = heading;
  return Math.max(
    0,
    choices.findIndex(([x, y]) => x - here[0] === -dy && y - here[1] === dx),
  );
}

/** Without the corners that are none. */
function straightened(corners: readonly Corner[]): Corner[] {
  return corners.filter((corner, index) => {
    const before = corners.at(index - 1) as Corner;
    const after = corners[(index + 1) % corners.length] as Corner;
    const isStraight = (axis: 0 | 1): boolean => before[axis] === corner[axis] && corner[axis] === after[axis];
    return !isStraight(0) && !isStraight(1);
  });
}
