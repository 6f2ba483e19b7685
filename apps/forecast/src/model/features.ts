import { timeFeatures, type CyclePoint } from '@tempograd/nn';

/**
 * What a forecaster reads at each step, made of the past alone: how far the value has moved, how far it is from the mean of the last
 * season, and the calendar. Levels are left out, so that a series that rises is read alike early and late.
 */
export function features(
  times: readonly number[],
  values: readonly number[],
  season: number,
  calendar: (time: number) => CyclePoint,
): Record<string, Float64Array> {
  const sums = new Float64Array(values.length + 1);
  for (const [index, value] of values.entries()) sums[index + 1] = (sums[index] as number) + value;
  return timeFeatures(times, (time, index) => {
    const value = values[index] as number;
    const from = Math.max(0, index + 1 - season);
    const mean = ((sums[index + 1] as number) - (sums[from] as number)) / (index + 1 - from);
    return { change: value - (values[index - 1] ?? value), deviation: value - mean, calendar: calendar(time) };
  });
}

/** What is to be forecast at each step: how far the value will have moved after 1, 2, … `horizon` steps. Ends where that is not known. */
export function changesAhead(values: readonly number[], horizon: number): number[][] {
  return Array.from({ length: Math.max(0, values.length - horizon) }, (_, index) =>
    Array.from({ length: horizon }, (__, ahead) => (values[index + ahead + 1] as number) - (values[index] as number)),
  );
}
