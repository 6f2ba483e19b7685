import { ArgumentError } from '../backend/errors.js';
import { checkOptions, optionTable, required } from '../backend/options.js';
import { checkSteps } from '../recurrence/checkSteps.js';
import { foldIn, foldInName, type Key } from '../random/index.js';
import { requireTask } from '../recurrence/SequenceTask.js';
import { ChainRun, type ChainPolicy, type Stride } from './ChainRun.js';
import { requireCausal, requireRunKey } from './checkSettings.js';
import { drawChance } from './drawChance.js';
import { lengthsOf, type LengthDistribution, type LengthOptions } from './lengthDistribution.js';
import { startWeighted, type LossWeights } from './lossWeights.js';
import { runTable, type Strategy } from './Strategy.js';

/** How lengths are drawn, `meanLength` or `probabilities`, and what is made of them. */
export interface RandomTelescopingOptions extends LengthOptions {
  /** Steps forward between two updates, or `Infinity` for one update a sequence. */
  readonly updateEvery: number;
  /**
   * Default is 'russianRoulette': all lags up to the length drawn, each divided by the probability that a length reaches it.
   * 'singleSample': the lag drawn alone, divided by its probability; varies more.
   */
  readonly estimator?: 'russianRoulette' | 'singleSample';
  /** Default is every loss; else the weight of each. */
  readonly lossScope?: LossWeights;
}

const telescopingTable = optionTable<RandomTelescopingOptions>({
  updateEvery: required('number'),
  estimator: ['russianRoulette', 'singleSample'],
  meanLength: 'number',
  probabilities: 'array',
  segment: 'number',
  lossScope: 'array or function',
});

/** A strategy that draws how long steps are learned of. */
export interface RandomTelescopingStrategy extends Strategy {
  /**
   * The length that a run of that key draws for each segment of a sequence of `time` steps, in segments, its own included; one more than
   * the sequence still has where it reaches its end and beyond. It is what `telescopingMask` takes.
   * @throws ArgumentError unless `time` is a whole number ≥ 1.
   */
  lengths(key: Key, time: number): number[];
}

/**
 * Randomised telescoping sums: what later losses say of the parameters as used in a segment of steps is a sum over lags,
 * `g_b = Σ_n Δ_{b,n}`, Δ_{b,n} from the losses n−1 segments later. When a segment begins, a length N is drawn for it, and the sum ends
 * there: `ĝ_b = Σ_{n≤N} Δ_{b,n} / P(N ≥ n)`, or as a single sample `Δ_{b,N} / P(N = N_b)`. The expectation is that of full BPTT as far as
 * lengths reach. The losses of a segment are pulled back by themselves through all segments since the oldest that is still learned of; of
 * older ones nothing is held. The paper draws one length for a whole gradient: docs/guides/truncation.md says why here each segment does.
 * Source: Beatson & Adams 2019, "Efficient optimization of loops and limits with randomized telescoping sums".
 * @throws ArgumentError when an option makes no sense; `start` without a key, or with a task that is not causal.
 */
export function randomTelescoping(options: RandomTelescopingOptions): RandomTelescopingStrategy {
  checkOptions('randomTelescoping', options, telescopingTable);
  const { updateEvery, estimator = 'russianRoulette', segment = updateEvery, lossScope = null } = options;
  checkSteps('randomTelescoping', 'updateEvery', updateEvery, { orInfinity: true });
  if (segment === Infinity) {
    throw new ArgumentError(
      'randomTelescoping: with one update a sequence say segment, the steps that share a length; each is pulled back by itself.',
    );
  }
  const distribution = lengthsOf('randomTelescoping', options, segment);
  const settings = { updateEvery, segment, single: estimator === 'singleSample' };
  return {
    name: 'randomTelescoping',
    drops: null,
    updateEvery,
    backwardSteps: Math.max(1, Math.round(distribution.mean * segment)),
    start(task, runOptions = {}) {
      requireTask('randomTelescoping().start', task);
      checkOptions('randomTelescoping().start', runOptions, runTable);
      requireCausal('randomTelescoping', task);
      const key = requireRunKey('randomTelescoping', 'lengths are drawn', runOptions.key);
      const policy = telescope(settings, distribution, key);
      return startWeighted(
        'randomTelescoping',
        lossScope,
        task,
        (weighted) => new ChainRun(weighted, policy, key, runOptions),
      );
    },
    lengths(key, time) {
      checkSteps('randomTelescoping().lengths', 'time', time);
      const drawn = new DrawnLengths(distribution, key);
      const segments = Math.ceil(time / segment);
      return Array.from({ length: segments }, (_, index) => {
        let length = 1;
        while (length <= segments - index && drawn.reaches(index, length + 1)) length++;
        return length;
      });
    },
  };
}

/** Lengths of segments, drawn as far as is asked: each beyond the one before by itself. */
class DrawnLengths {
  readonly #distribution: LengthDistribution;
  readonly #key: Key;
  #known = new Map<number, { readonly key: Key; length: number; ends: boolean }>();

  constructor(distribution: LengthDistribution, key: Key) {
    this.#distribution = distribution;
    this.#key = foldInName(key, 'randomTelescoping');
  }

  /** Whether that of a segment is at least `length`. */
  reaches(segment: number, length: number): boolean {
    const drawn = this.#known.get(segment) ?? { key: foldIn(this.#key, segment), length: 1, ends: false };
    this.#known.set(segment, drawn);
    while (!drawn.ends && drawn.length < length) {
      if (drawChance(drawn.key, drawn.length) < this.#distribution.goesOn(drawn.length)) drawn.length++;
      else drawn.ends = true;
    }
    return drawn.length >= length;
  }

  /** Earlier segments are not asked about again. */
  forgetBefore(segment: number): void {
    for (const known of this.#known.keys()) if (known < segment) this.#known.delete(known);
  }
}

interface TelescopeSettings {
  readonly updateEvery: number;
  readonly segment: number;
  readonly single: boolean;
}

/** The chain of a run of that key. */
export function telescope(
  { updateEvery, segment, single }: TelescopeSettings,
  distribution: LengthDistribution,
  key: Key,
): ChainPolicy {
  const drawn = new DrawnLengths(distribution, key);
  const segmentOf = (step: number): number => Math.floor(step / segment);
  const weightOf = (link: number, length: number): number => {
    if (!drawn.reaches(link, length) || (single && drawn.reaches(link, length + 1))) return 0;
    return 1 / (single ? distribution.drawn(length) : distribution.reached(length));
  };
  return {
    updateEvery,
    linkEnd: (from, to) => Math.min(to, (segmentOf(from) + 1) * segment),
    wayBack(links) {
      const latest = segmentOf(links.at(-1)?.from ?? 0);
      const weights = links.toReversed().map(({ from }) => weightOf(segmentOf(from), latest - segmentOf(from) + 1));
      const used = weights.findLastIndex((weight) => weight > 0) + 1;
      let scale = 1;
      return weights.slice(0, used).map((weight, index): Stride => {
        const learns = weight > 0;
        const before = scale;
        if (learns) scale = weight;
        return { losses: index === 0 ? scale : 0, carry: scale / before, learns };
      });
    },
    reachFrom(links) {
      const to = links.at(-1)?.to ?? 0;
      const next = segmentOf(to);
      const needed = links.find(({ from }) => drawn.reaches(segmentOf(from), next - segmentOf(from) + 1));
      drawn.forgetBefore(needed === undefined ? next : segmentOf(needed.from));
      return needed?.from ?? to;
    },
    unbiased: (to) => distribution.covers(segmentOf(to - 1) + 1, single),
  };
}
