/** What a checkpointed pass may hold at once, beside the carry that it starts from. */
export interface Slots {
  /** Carries between two segments. */
  readonly carries: number;
  /** Segments with all that their way back needs: at least 1. */
  readonly recordings: number;
}

/**
 * How a pass goes on from its newest place, with `units` segments yet to pull back behind it: run the first `units` of these, and
 * keep the carry after them, or all that the way back through the last of them needs.
 */
export interface NextPlace {
  readonly what: 'carry' | 'recording';
  readonly units: number;
}

/**
 * The fewest segments that have to be run forward to pull back through `units` of them, those run again included:
 *
 * `C(t; j, k) = min( min_y [y + C(y; j, k) + C(t−y; j, k−1)], min_y [y + C(y−1; j, k) + C(t−y; j−1, k)] )`, `C(t; j ≥ t, k) = t`,
 *
 * j recordings and k carries. With j = 1 it is the recursion of hidden states only (m = k + 1), which is Revolve's count; with k = 0
 * that of internal states (m = j). In closed form: of what one more segment costs, r is asked `binom(j+k+r−1, r) − binom(k+r−1, r)`
 * times, r = 1, 2, ….
 * Sources: Griewank & Walther 2000, "Revolve"; Gruslys et al. 2016, "Memory-efficient backpropagation through time".
 */
export function forwardRuns(units: number, slots: Slots): number {
  if (slots.recordings === 1 && slots.carries === 0) return (units * (units + 1)) / 2;
  let total = 0;
  let left = units;
  for (const { runs, times } of marginalRuns(slots)) {
    total += runs * Math.min(left, times);
    left -= times;
    if (left <= 0) break;
  }
  return total;
}

/** The first action of a pass that needs no more runs than `forwardRuns` says. `units` is at least 1. */
export function nextPlace(units: number, slots: Slots): NextPlace {
  const { carries, recordings } = slots;
  if (units <= recordings) return { what: 'recording', units: 1 };
  if (carries > 0) {
    const right = { recordings, carries: carries - 1 };
    // What one segment more before the cut costs, and one less behind it: both sums of runs are convex.
    const first = firstWhere(1, units - 1, (y) => 1 + lastRuns(y + 1, slots) >= lastRuns(units - y, right));
    return { what: 'carry', units: first };
  }
  if (recordings === 1) return { what: 'recording', units };
  const right = { recordings: recordings - 1, carries };
  return {
    what: 'recording',
    units: firstWhere(1, units, (y) => 1 + lastRuns(y, slots) >= lastRuns(units - y, right)),
  };
}

/** What the last of `units` segments costs: `forwardRuns(units) − forwardRuns(units − 1)`. */
function lastRuns(units: number, slots: Slots): number {
  if (slots.recordings === 1 && slots.carries === 0) return units;
  let left = units;
  for (const { runs, times } of marginalRuns(slots)) {
    left -= times;
    if (left <= 0) return runs;
  }
  return Infinity;
}

function* marginalRuns({ recordings, carries }: Slots): Generator<{ runs: number; times: number }, void, void> {
  let all = recordings + carries;
  let without = carries;
  for (let runs = 1; ; runs++) {
    yield { runs, times: all - without };
    all = (all * (recordings + carries + runs)) / (runs + 1);
    without = (without * (carries + runs)) / (runs + 1);
  }
}

/** The first whole number from `from` on that a condition holds for; `to` where there is none before. What holds once goes on holding. */
function firstWhere(from: number, to: number, holds: (y: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
