import { ArgumentError } from '../backend/errors.js';
import { checkSteps } from '../recurrence/checkSteps.js';

/** How likely a cut is, and where it may fall. */
export interface CutOptions {
  /**
   * c, the probability of a cut at a place where one may fall: a number from 0 to below 1, 0 for exact gradients, or a function of the
   * step that the cut falls before. Where that is 0, the steps on both sides run as one.
   */
  readonly cutProbability?: number | ((step: number) => number);
  /** Instead of `cutProbability`: steps between two cuts on average, more than `segment`. */
  readonly meanLength?: number;
  /**
   * With `meanLength`: above 2; lengths vary more, P(length > n) falls as n^(1−α) only, and weights grow as a power of the distance. The
   * paper has 4 to 6. Default is none: a cut is equally likely everywhere, and weights grow exponentially.
   */
  readonly alpha?: number;
  /**
   * Steps between two places where a cut may fall, counted from the sequence's first; default is 1, as in the paper. The steps between
   * two places run as one, through fused kernels.
   */
  readonly segment?: number;
}

/** Cut options, resolved. */
export interface CutChances {
  /** Null where it is not known. */
  readonly meanLength: number | null;
  /** The probability of a cut before `step`, in a chain that begins at `chainFrom`; 0 where none may fall. */
  before(step: number, chainFrom: number): number;
  /** The first step after `from` that a cut may fall before; `to` if there is none before that. */
  nextPlace(from: number, to: number, chainFrom: number): number;
}

type Chance = (step: number, chainFrom: number) => number;

/** @throws ArgumentError when they make no sense. */
export function chancesOfCuts(of: string, options: CutOptions): CutChances {
  const { segment = 1 } = options;
  checkSteps(of, 'segment', segment);
  const { chance, meanLength } = chanceOf(of, options, segment);
  const nextMultiple = (step: number): number => (Math.floor(step / segment) + 1) * segment;
  return {
    meanLength,
    before: (step, chainFrom) => (step > 0 && step % segment === 0 ? chance(step, chainFrom) : 0),
    nextPlace(from, to, chainFrom) {
      if (meanLength === Infinity) return to;
      let step = nextMultiple(from);
      while (step < to && chance(step, chainFrom) === 0) step = nextMultiple(step);
      return Math.min(step, to);
    },
  };
}

function chanceOf(
  of: string,
  { cutProbability, meanLength, alpha }: CutOptions,
  segment: number,
): { readonly chance: Chance; readonly meanLength: number | null } {
  if ((cutProbability === undefined) === (meanLength === undefined)) {
    throw new ArgumentError(
      `${of}: say how often cuts fall, by cutProbability or by meanLength, the steps between two on average; ${meanLength === undefined ? 'neither is' : 'both are'} given.`,
    );
  }
  if (alpha !== undefined && meanLength === undefined)
    throw new ArgumentError(`${of}: alpha says how lengths vary about a meanLength, and none is given.`);
  if (typeof cutProbability === 'function') {
    const chance = (step: number): number => checkedChance(of, `cutProbability(${step})`, cutProbability(step));
    return { chance, meanLength: null };
  }
  if (cutProbability !== undefined) {
    const c = checkedChance(of, 'cutProbability', cutProbability);
    return { chance: () => c, meanLength: segment / c };
  }
  const mean = meanLength as number;
  if (!(mean > segment && mean < Infinity)) {
    throw new ArgumentError(
      `${of}: meanLength, the steps between two cuts on average, must be a finite number above segment, which is ${segment}, but is ${mean}.`,
    );
  }
  if (alpha === undefined) return { chance: () => segment / mean, meanLength: mean };
  if (!(alpha > 2 && alpha < Infinity))
    throw new ArgumentError(`${of}: alpha must be a finite number above 2, or lengths have no mean, but is ${alpha}.`);
  // With it the mean is met exactly: Σ_n P(length > n) is a hypergeometric sum of that value. Lengths are counted in segments.
  const shift = ((alpha - 2) * mean) / segment;
  return { chance: (step, chainFrom) => (alpha - 1) / (shift + (step - chainFrom) / segment), meanLength: mean };
}

function checkedChance(of: string, name: string, chance: unknown): number {
  if (typeof chance === 'number' && chance >= 0 && chance < 1) return chance;
  throw new ArgumentError(
    `${of}: ${name} is the probability of a cut and must be a number from 0 to below 1, but is ${String(chance)}.`,
  );
}
