import type { KeptShare, Reach } from './Inspection.js';

/** What the norms of the credit by lag say of truncation at these lengths. */
export function reachOf(byLag: readonly number[], lengths: readonly number[]): Reach {
  const within = sharesWithin(byLag);
  const stepsFor = (share: number): number =>
    1 +
    Math.max(
      0,
      within.findIndex((kept) => kept >= share),
    );
  return {
    byLag,
    kept: lengths.map((length) => keptBy(within, length)),
    stepsFor: { 90: stepsFor(0.9), 95: stepsFor(0.95), 99: stepsFor(0.99) },
    decay: decayOf(byLag),
  };
}

/** The share of the credit that lies within 1, 2, … steps. */
function sharesWithin(byLag: readonly number[]): number[] {
  const total = byLag.reduce((sum, norm) => sum + norm, 0);
  let sum = 0;
  return byLag.map((norm) => {
    sum += norm;
    return total === 0 ? 1 : sum / total;
  });
}

function keptBy(within: readonly number[], length: number): KeptShare {
  const at = (steps: number): number => within[Math.min(steps, within.length) - 1] ?? 1;
  let sum = 0;
  for (let steps = 1; steps <= length; steps++) sum += at(steps);
  return { length, steps: at(length), chunks: sum / length };
}

/** What is left of a norm where it has all but faded: its tail says nothing of how the bulk of it fades. */
const faded = 1e-3;

/** The slope of the logarithm by least squares, up to the lag where all but a thousandth has faded; as a factor a step. */
function decayOf(byLag: readonly number[]): number {
  const end = byLag.findIndex((norm) => norm < faded * (byLag[0] as number));
  const bulk = byLag.slice(0, end === -1 ? byLag.length : Math.max(3, end + 1));
  const points = bulk.flatMap((norm, lag) =>
    norm > 0 && Number.isFinite(norm) ? [[lag, Math.log(norm)] as const] : [],
  );
  const mean = (of: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point[0]), mean((point) => point[1])];
  return Math.exp(mean(([lag, log]) => (lag - x) * (log - y)) / mean(([lag]) => (lag - x) ** 2));
}
