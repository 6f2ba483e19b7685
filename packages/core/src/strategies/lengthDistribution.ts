import { ArgumentError } from '../backend/errors.js';
import { checkSteps } from '../recurrence/checkSteps.js';

/** How lengths are drawn. Say `meanLength` or `probabilities`. */
export interface LengthOptions {
  /** Steps of a length on average, more than `segment`: lengths in segments are geometric, from 1 on. */
  readonly meanLength?: number;
  /** Instead: the probability of each length, of one segment, two, … Lags beyond the last are never trained, and updates say so. */
  readonly probabilities?: ArrayLike<number>;
  /**
   * Steps that share a length, and run as one, counted from the sequence's first; default is `updateEvery`. The losses of each segment are
   * pulled back by themselves, so that short ones cost more; 1 is a length for each step.
   */
  readonly segment?: number;
}

/** The distribution of a length N ≥ 1, in segments. */
export interface LengthDistribution {
  readonly mean: number;
  /** P(N ≥ n) */
  reached(n: number): number;
  /** P(N > n), given N ≥ n */
  goesOn(n: number): number;
  /** P(N = n) */
  drawn(n: number): number;
  /** Whether all lags up to n are trained, in estimates of a single lag or of all up to it. */
  covers(n: number, single: boolean): boolean;
}

/** @throws ArgumentError when they make no sense. */
export function lengthsOf(of: string, options: LengthOptions, segment: number): LengthDistribution {
  checkSteps(of, 'segment', segment);
  const { meanLength, probabilities } = options;
  if ((meanLength === undefined) === (probabilities === undefined)) {
    throw new ArgumentError(
      `${of}: say how lengths are drawn, by meanLength, in steps, or by the probabilities of 1, 2, … segments; ${meanLength === undefined ? 'neither is' : 'both are'} given.`,
    );
  }
  if (probabilities !== undefined) return listed(of, probabilities);
  if (!(meanLength !== undefined && meanLength > segment && meanLength < Infinity)) {
    throw new ArgumentError(
      `${of}: meanLength, the steps that are learned of on average, must be a finite number above segment, which is ${segment}, but is ${meanLength}.`,
    );
  }
  const goesOn = 1 - segment / meanLength;
  return {
    mean: meanLength / segment,
    reached: (n) => goesOn ** (n - 1),
    goesOn: () => goesOn,
    drawn: (n) => (1 - goesOn) * goesOn ** (n - 1),
    covers: () => true,
  };
}

function listed(of: string, probabilities: ArrayLike<number>): LengthDistribution {
  const given = Array.from(probabilities);
  const wrong = given.findIndex((p) => !(typeof p === 'number' && p >= 0 && p <= 1));
  const total = given.reduce((sum, p) => sum + p, 0);
  if (given.length === 0 || wrong >= 0 || Math.abs(total - 1) > 1e-9) {
    const fault =
      given.length === 0
        ? 'there is none'
        : wrong >= 0
          ? `that of ${wrong + 1} is ${given[wrong]}`
          : `they sum to ${total}`;
    throw new ArgumentError(
      `${of}: probabilities of 1, 2, … segments must be numbers from 0 to 1 that sum to 1, but ${fault}.`,
    );
  }
  // Summed from the end, so that small ones there are not lost beside 1.
  const tail = new Array<number>(given.length + 1).fill(0);
  for (let n = given.length; n >= 1; n--) tail[n - 1] = (tail[n] as number) + (given[n - 1] as number);
  const [all] = tail as [number, ...number[]];
  const reached = (n: number): number => (tail[n - 1] ?? 0) / all;
  const drawn = (n: number): number => (given[n - 1] ?? 0) / all;
  const firstUndrawn = given.findIndex((p) => p === 0);
  return {
    mean: given.reduce((sum, p, index) => sum + p * (index + 1), 0),
    reached,
    goesOn: (n) => reached(n + 1) / reached(n),
    drawn,
    covers: (n, single) => reached(n) > 0 && (!single || firstUndrawn < 0 || n <= firstUndrawn),
  };
}
