import { ArgumentError } from '../backend/errors.js';
import { checkOptions, optionTable, required } from '../backend/options.js';
import { checkSteps } from '../recurrence/checkSteps.js';

/** Random cuts as data: when they fall, said as for `artbp`, and where they fell. */
export interface ArtbpMaskOptions {
  /** Steps of the sequence, T. */
  readonly time: number;
  /** The probability of a cut where one may fall, a number or a function of the step that it falls before; or give `meanLength`. */
  readonly cutProbability?: number | ((step: number) => number);
  /** Steps between two cuts on average. */
  readonly meanLength?: number;
  /** How lengths vary about `meanLength`; default is that a cut is equally likely everywhere. */
  readonly alpha?: number;
  /** Steps between two places where a cut may fall; default is 1. */
  readonly segment?: number;
  /** The steps before which cuts fell, as `artbp(…).cuts(key, time)` gives them. Default is the expectation over all draws. */
  readonly cuts?: readonly number[];
}

const artbpMaskTable = optionTable<ArtbpMaskOptions>({
  time: required('number'),
  cutProbability: 'number or function',
  meanLength: 'number',
  alpha: 'number',
  segment: 'number',
  cuts: 'array',
});

/**
 * `M[s][t]` of randomly cut backpropagation: 0 where a cut lies between the steps, else the product of 1/(1−c) over the places
 * between them where one could have fallen. Without `cuts` its expectation, worked out over where the latest cut before t may lie.
 * Written from the definition, and shares nothing with the strategy: it is what that is checked against.
 * @throws ArgumentError when it is not said how often cuts fall, or a cut is no step of the sequence.
 */
export function artbpMask(options: ArtbpMaskOptions): number[][] {
  checkOptions('artbpMask', options, artbpMaskTable);
  const { time, segment = 1, cuts } = options;
  checkSteps('artbpMask', 'time', time);
  checkSteps('artbpMask', 'segment', segment);
  const chance = chanceOf(options);
  const mask = Array.from({ length: time }, () => new Array<number>(time).fill(0));
  if (cuts !== undefined) {
    const fell = new Set(cuts.map((cut) => requireStep(cut, time)));
    let latest = 0;
    for (let t = 0; t < time; t++) {
      if (fell.has(t)) latest = t;
      let weight = 1;
      for (let s = t; s < time && (s === t || !fell.has(s)); s++) {
        if (s > t) weight /= 1 - chance(s, latest);
        (mask[s] as number[])[t] = weight;
      }
    }
    return mask;
  }
  // likely[f]: the probability that the latest cut before step t, or at it, fell before step f.
  const likely = new Array<number>(time).fill(0);
  likely[0] = 1;
  for (let t = 0; t < time; t++) {
    for (let f = 0; f < t; f++) {
      const share = (likely[f] as number) * chance(t, f);
      likely[f] = (likely[f] as number) - share;
      likely[t] = (likely[t] as number) + share;
    }
    for (let f = 0; f <= t; f++) {
      let expected = likely[f] as number;
      for (let s = t; s < time; s++) {
        if (s > t) expected = (expected * (1 - chance(s, f))) / (1 - chance(s, f));
        (mask[s] as number[])[t] = ((mask[s] as number[])[t] as number) + expected;
      }
    }
  }
  return mask;
}

/** The probability of a cut before step `step`, where the latest one fell before step `latest`. */
function chanceOf({
  cutProbability,
  meanLength,
  alpha,
  segment = 1,
}: ArtbpMaskOptions): (step: number, latest: number) => number {
  if ((cutProbability === undefined) === (meanLength === undefined))
    throw new ArgumentError('artbpMask: say how often cuts fall, by either cutProbability or meanLength.');
  return (step, latest) => {
    if (step % segment !== 0) return 0;
    if (typeof cutProbability === 'function') return cutProbability(step);
    if (cutProbability !== undefined) return cutProbability;
    const length = (meanLength as number) / segment;
    if (alpha === undefined) return 1 / length;
    return (alpha - 1) / ((alpha - 2) * length + (step - latest) / segment);
  };
}

function requireStep(cut: number, time: number): number {
  if (Number.isSafeInteger(cut) && cut > 0 && cut < time) return cut;
  throw new ArgumentError(
    `artbpMask: a cut falls before one of the steps 1 to ${time - 1} of ${time}, but one is said to fall before step ${cut}.`,
  );
}
