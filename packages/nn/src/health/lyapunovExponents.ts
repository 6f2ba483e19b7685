import {
  ArgumentError,
  disposeTree,
  fromArray,
  jvp,
  keep,
  key,
  normal,
  scope,
  shareTree,
  treeFill,
  treeLeaves,
  vmap,
  type Tensor,
} from '@tempograd/core';
import { checkOptions, isFloat, optionTable, required } from '@tempograd/core/backend';

/** How long to follow, and how many exponents. */
export interface LyapunovOptions {
  /** Steps that the exponents are the mean of. */
  readonly steps: number;
  /** How many, the largest first; default is 1. */
  readonly count?: number;
  /** Steps to run first, in which directions turn to where they grow; default is 0. */
  readonly discard?: number;
}

const lyapunovTable = optionTable<LyapunovOptions>({ steps: required('number'), count: 'number', discard: 'number' });

/**
 * The leading Lyapunov exponents along a trajectory, in nats a step: how fast small changes of the state grow (above 0) or fade
 * (below). `map(state, t)` is one step, a function of the state, a tree of which the floating leaves move; t counts from 0. Directions are moved by the
 * derivative of each step and made orthogonal again by QR; the exponents are the mean logarithms of its diagonal. A direction that a step
 * maps to 0 has −Infinity; NaN where the state stops being finite. The state is borrowed.
 * Source: Benettin, Galgani, Giorgilli & Strelcyn 1980.
 */
export async function lyapunovExponents<C>(
  map: (state: C, step: number) => C,
  state: C,
  options: LyapunovOptions,
): Promise<number[]> {
  if (typeof map !== 'function')
    throw new ArgumentError('lyapunovExponents: the first argument is one step, a function of the state.');
  checkOptions('lyapunovExponents', options, lyapunovTable);
  const { steps, count = 1, discard = 0 } = options;
  const leaves = treeLeaves(state).filter(({ dtype }) => isFloat(dtype));
  const size = leaves.reduce((total, leaf) => total + leaf.size, 0);
  const atLeast: [string, number, number][] = [
    ['steps', steps, 1],
    ['count', count, 1],
    ['discard', discard, 0],
  ];
  for (const [name, value, least] of atLeast) {
    if (!Number.isSafeInteger(value) || value < least)
      throw new ArgumentError(`lyapunovExponents: ${name} must be a whole number ≥ ${least}, but is ${value}.`);
  }
  if (count > size) throw new ArgumentError(`lyapunovExponents: a state of ${size} numbers has no ${count} exponents.`);
  const { backend } = leaves[0] as Tensor;
  const start = scope(() => keep(normal(key(0), [count, size], { dtype: 'f32', backend })));
  let directions: Float64Array[];
  try {
    directions = rowsOf(await start.read(), count);
  } finally {
    start.dispose();
  }
  orthonormalise(directions);
  const sums = new Float64Array(count);
  let current = shareTree(state);
  try {
    for (let step = 0; step < discard + steps; step++) {
      const moved = advance(map, current, directions, step);
      disposeTree(current);
      current = moved.state;
      try {
        directions = joined(await Promise.all(moved.directions.map((leaf) => leaf.read())), count);
      } finally {
        disposeTree(moved.directions);
      }
      const lengths = orthonormalise(directions);
      if (step >= discard)
        lengths.forEach((length, index) => (sums[index] = (sums[index] as number) + Math.log(length)));
    }
  } finally {
    disposeTree(current);
  }
  return Array.from(sums, (sum) => sum / steps);
}

/** The state after a step, and where the directions are moved to, `[count, …]` for each floating leaf; all outside every scope. */
function advance<C>(
  map: (state: C, step: number) => C,
  state: C,
  directions: readonly Float64Array[],
  step: number,
): { readonly state: C; readonly directions: readonly Tensor[] } {
  return scope(() => {
    const leaves = treeLeaves(state);
    let begin = 0;
    const moving = leaves
      .filter(({ dtype }) => isFloat(dtype))
      .map(({ shape, size, dtype, backend }) => {
        const rows = directions.flatMap((row) => [...row.subarray(begin, begin + size)]);
        begin += size;
        return fromArray(Float64Array.from(rows), [directions.length, ...shape], { dtype, backend });
      });
    const along = (rows: Tensor[]): Tensor[] => {
      let next = 0;
      const tangent = treeFill(
        state,
        leaves.map((leaf) => (isFloat(leaf.dtype) ? (rows[next++] as Tensor) : leaf)),
      );
      const moved = jvp((at: C) => map(at, step), state, tangent).tangent;
      return treeLeaves(moved).filter(({ dtype }) => isFloat(dtype));
    };
    const moved = vmap(along)(moving);
    return keep({ state: map(state, step), directions: moved });
  });
}

function rowsOf(numbers: ArrayLike<number>, count: number): Float64Array[] {
  const size = numbers.length / count;
  const all = Float64Array.from(numbers);
  return Array.from({ length: count }, (_, row) => all.slice(row * size, (row + 1) * size));
}

/** Rows of several leaves, each row of all leaves end to end. */
function joined(leaves: readonly ArrayLike<number>[], count: number): Float64Array[] {
  const rows = leaves.map((leaf) => rowsOf(leaf, count));
  return Array.from({ length: count }, (_, row) =>
    Float64Array.from(rows.flatMap((leaf) => [...(leaf[row] as Float64Array)])),
  );
}

/** Makes rows orthonormal, each by those before it, twice so that rounding does not matter. Gives the diagonal of R. */
function orthonormalise(rows: readonly Float64Array[]): number[] {
  return rows.map((row, index) => {
    const whole = Math.sqrt(dot(row, row));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of rows.slice(0, index)) {
        const share = dot(row, other);
        for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) - share * (other[i] as number);
      }
    }
    let length = Math.sqrt(dot(row, row));
    // What rounding leaves of a direction that lies in those before it is no direction.
    if (length <= 1e-14 * whole) length = 0;
    for (let i = 0; i < row.length; i++) row[i] = length === 0 ? 0 : (row[i] as number) / length;
    return length;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += (a[i] as number) * (b[i] as number);
  return total;
}
