/**
 * How much of the gradient lengths keep, from norms of its parts by lag: `φ_k`, what a loss says of the parameters as used k steps before.
 * Parts of different lags point in directions of their own, so that it is their squares that add up: where a share of these is kept, the
 * cosine of what is left with the whole is about its root.
 */

/** `Σ_{k<n} φ_k² / Σ φ_k²` for n = 0, 1, …: what a loss keeps that looks back n steps, its own counted. */
function keptByReach(norms: readonly number[]): number[] {
  const largest = Math.max(...norms);
  const squares = norms.map((norm) => (largest > 0 ? (norm / largest) ** 2 : 0));
  const total = squares.reduce((sum, square) => sum + square, 0);
  let sum = 0;
  return [0, ...squares.map((square) => (sum += square))].map((kept) => (total > 0 ? kept / total : 1));
}

/** Lengths of truncation. */
export interface Lengths {
  readonly updateEvery: number;
  readonly backwardSteps: number;
}

/**
 * What updates keep: the mean over the losses of an interval. The last of them reaches back `backwardSteps`, each earlier one a step
 * less; where windows are shorter than the interval, the first losses reach none.
 */
export function keptShare(norms: readonly number[], { updateEvery, backwardSteps }: Lengths): number {
  const kept = keptByReach(norms);
  if (updateEvery === Infinity) return 1;
  const at = (reach: number): number => kept[Math.max(0, Math.min(reach, norms.length))] as number;
  let sum = 0;
  for (let before = 0; before < updateEvery; before++) sum += at(backwardSteps - before);
  return sum / updateEvery;
}

/** The fewest steps back with which a loss keeps `share` of its gradient. */
export function fewestSteps(norms: readonly number[], share: number): number {
  return Math.max(
    1,
    keptByReach(norms).findIndex((kept) => kept >= share),
  );
}

/** The fewest steps back with which updates every `updateEvery` steps keep `share` of the gradient, the mean over their losses; no fewer than the interval. */
export function fewestStepsOf(norms: readonly number[], updateEvery: number, share: number): number {
  let backwardSteps = updateEvery;
  while (backwardSteps < norms.length + updateEvery && keptShare(norms, { updateEvery, backwardSteps }) < share)
    backwardSteps++;
  return backwardSteps;
}

/** The shortest chunks that keep `share` of the gradient, the mean over their losses. */
export function shortestChunk(norms: readonly number[], share: number): number {
  // Each chunk that is longer by a step has one more loss, which reaches back over all of it.
  const kept = keptByReach(norms);
  let steps = 1;
  for (let sum = kept[1] ?? 1; sum < share * steps; sum += kept[Math.min(steps, norms.length)] as number) steps++;
  return steps;
}

/** Whether the gradient reaches beyond what was measured: its last tenth is no smaller than a fiftieth of the mean. */
export function reachesBeyond(norms: readonly number[]): boolean {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return norms.length > 1 && mean(norms.slice(-Math.ceil(norms.length / 10))) > mean(norms) / 50;
}
