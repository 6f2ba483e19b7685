/** Which values of what is watched are better: smaller ones, as of a loss, or larger ones, as of an accuracy. */
export type Direction = 'min' | 'max';

/** Whether a value is better than the best so far by more than `minDelta`. Null is no value yet; what is not finite is never better. */
export function isBetter(value: number, best: number | null, direction: Direction, minDelta: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (best === null) return true;
  return direction === 'min' ? value < best - minDelta : value > best + minDelta;
}
