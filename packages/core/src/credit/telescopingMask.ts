import { ArgumentError } from '../backend/errors.js';
import { checkOptions, optionTable, required } from '../backend/options.js';
import { checkSteps } from '../recurrence/checkSteps.js';

/** Random lengths as data: how they are drawn, said as for `randomTelescoping`, and which were. */
export interface TelescopingMaskOptions {
  /** Steps of the sequence, T. */
  readonly time: number;
  /** Steps that share a length. */
  readonly segment: number;
  /** Whether all lags up to the length count, the default, or that one alone. */
  readonly estimator?: 'russianRoulette' | 'singleSample';
  /** Mean length in steps, of a geometric distribution; or give `probabilities`. */
  readonly meanLength?: number;
  /** The probability of 1, 2, … segments. */
  readonly probabilities?: ArrayLike<number>;
  /** The length of each segment, as `randomTelescoping(…).lengths(key, time)` gives them. Default is the expectation over all draws. */
  readonly lengths?: readonly number[];
}

const telescopingMaskTable = optionTable<TelescopingMaskOptions>({
  time: required('number'),
  segment: required('number'),
  estimator: ['russianRoulette', 'singleSample'],
  meanLength: 'number',
  probabilities: 'array',
  lengths: 'array',
});

/**
 * `M[s][t]` of randomised telescoping: with n − 1 segments between the steps, and N the length of the segment of t, 1/P(N ≥ n) where
 * N ≥ n, or as a single sample 1/P(N = n) where N = n; else 0. Without `lengths` its expectation: 1 where lengths can reach, 0
 * beyond. Written from the definition, and shares nothing with the strategy: it is what that is checked against.
 * @throws ArgumentError when it is not said how lengths are drawn, or when there is not one for each segment.
 */
export function telescopingMask(options: TelescopingMaskOptions): number[][] {
  checkOptions('telescopingMask', options, telescopingMaskTable);
  const { time, segment, estimator = 'russianRoulette', lengths } = options;
  checkSteps('telescopingMask', 'time', time);
  checkSteps('telescopingMask', 'segment', segment);
  const segments = Math.ceil(time / segment);
  if (lengths !== undefined && lengths.length !== segments) {
    throw new ArgumentError(
      `telescopingMask: ${time} steps are ${segments} segments of ${segment}, but there are ${lengths.length} lengths; give one for each.`,
    );
  }
  const single = estimator === 'singleSample';
  const counts = (drawn: number, n: number): boolean => (single ? drawn === n : drawn >= n);
  const probability = probabilityOf(options, single);
  return Array.from({ length: time }, (_, s) =>
    Array.from({ length: time }, (__, t) => {
      if (t > s) return 0;
      const [from, to] = [Math.floor(t / segment), Math.floor(s / segment)];
      const chance = probability(to - from + 1);
      if (lengths === undefined) return chance > 0 ? chance * (1 / chance) : 0;
      return counts(lengths[from] as number, to - from + 1) ? 1 / chance : 0;
    }),
  );
}

/** The probability that a length is n, or at least n. */
function probabilityOf(
  { meanLength, probabilities, segment }: TelescopingMaskOptions,
  single: boolean,
): (n: number) => number {
  if (probabilities !== undefined) {
    const given = Array.from(probabilities);
    return (n) => (single ? (given[n - 1] ?? 0) : given.slice(n - 1).reduce((sum, p) => sum + p, 0));
  }
  if (meanLength === undefined)
    throw new ArgumentError('telescopingMask: say how lengths are drawn, by meanLength or by probabilities.');
  const ends = segment / meanLength;
  return (n) => (single ? ends : 1) * (1 - ends) ** (n - 1);
}
