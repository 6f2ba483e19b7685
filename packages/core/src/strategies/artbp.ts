import { checkOptions, optionTable, required } from '../backend/options.js';
import { checkSteps } from '../recurrence/checkSteps.js';
import { foldInName, type Key } from '../random/index.js';
import { requireTask } from '../recurrence/SequenceTask.js';
import { ChainRun, type ChainPolicy, type Stride } from './ChainRun.js';
import { requireCausal, requireRunKey } from './checkSettings.js';
import { chancesOfCuts, type CutChances, type CutOptions } from './cutChances.js';
import { drawChance } from './drawChance.js';
import { startWeighted, type LossWeights } from './lossWeights.js';
import { runTable, type StepRange, type Strategy } from './Strategy.js';

/** Where cuts may fall, and how often they do. Say `cutProbability` or `meanLength`. */
export interface ArtbpOptions extends CutOptions {
  /** Steps forward between two updates, or `Infinity` for one update a sequence. */
  readonly updateEvery: number;
  /** Default is every loss; else the weight of each. */
  readonly lossScope?: LossWeights;
}

const artbpTable = optionTable<ArtbpOptions>({
  updateEvery: required('number'),
  cutProbability: 'number or function',
  meanLength: 'number',
  alpha: 'number',
  segment: 'number',
  lossScope: 'array or function',
});

/** A strategy that cuts at random. */
export interface ArtbpStrategy extends Strategy {
  /** The steps before which a run of that key cuts a sequence of `time` steps; what `artbpMask` takes. @throws ArgumentError unless `time` is a whole number ≥ 1. */
  cuts(key: Key, time: number): number[];
}

/**
 * Anticipated reweighted truncated backpropagation: the way back is cut at random before each step t, with probability c_t, and what
 * crosses a place that could have been cut and was not is multiplied by 1/(1−c_t):
 * `δ_{t−1} = q_{t−1} + X_t/(1−c_t) · δ_t D_t`, X_t = 0 with probability c_t, else 1. The expectation of the gradient is that of full
 * BPTT. Steps after the latest cut are held, `meanLength` of them on average and without a bound; those before it are forgotten.
 * Cuts are drawn from the run's key and the number of the step, so that a run that goes on from a snapshot repeats them.
 * Source: Tallec & Ollivier 2017, "Unbiasing truncated backpropagation through time".
 * @throws ArgumentError when an option makes no sense; `start` without a key, or with a task that is not causal.
 */
export function artbp(options: ArtbpOptions): ArtbpStrategy {
  checkOptions('artbp', options, artbpTable);
  const { updateEvery, lossScope = null } = options;
  checkSteps('artbp', 'updateEvery', updateEvery, { orInfinity: true });
  const chances = chancesOfCuts('artbp', options);
  return {
    name: 'artbp',
    drops: null,
    updateEvery,
    backwardSteps: Math.round(chances.meanLength ?? Infinity),
    start(task, runOptions = {}) {
      requireTask('artbp().start', task);
      checkOptions('artbp().start', runOptions, runTable);
      requireCausal('artbp', task);
      const key = requireRunKey('artbp', 'cuts are drawn', runOptions.key);
      const policy = cutAtRandom(updateEvery, chances, key);
      return startWeighted('artbp', lossScope, task, (weighted) => new ChainRun(weighted, policy, key, runOptions));
    },
    cuts(key, time) {
      checkSteps('artbp().cuts', 'time', time);
      const isCut = drawCuts(chances, key);
      const cuts: number[] = [];
      for (let step = 1; step < time; step++) if (isCut(step, cuts.at(-1) ?? 0)) cuts.push(step);
      return cuts;
    },
  };
}

/** Whether the way back is cut before a step, in a chain that begins at step `chainFrom`. */
function drawCuts(chances: CutChances, key: Key): (step: number, chainFrom: number) => boolean {
  const own = foldInName(key, 'artbp');
  return (step, chainFrom) => drawChance(own, step) < chances.before(step, chainFrom);
}

/** The chain of a run of that key. */
export function cutAtRandom(updateEvery: number, chances: CutChances, key: Key): ChainPolicy {
  const isCut = drawCuts(chances, key);
  const fromOf = (links: readonly StepRange[]): number => links[0]?.from ?? 0;
  const cutAfter = (links: readonly StepRange[]): boolean => isCut(links.at(-1)?.to ?? 0, fromOf(links));
  return {
    updateEvery,
    linkEnd: (from, to, chainFrom) => chances.nextPlace(from, to, chainFrom),
    wayBack(links, from, updateEnds) {
      if (!updateEnds && !cutAfter(links)) return [];
      return links.toReversed().map((link, index): Stride => {
        const later = links.at(-index)?.from ?? 0;
        const carry = index === 0 ? 0 : 1 / (1 - chances.before(later, fromOf(links)));
        return { losses: link.from >= from ? 1 : 0, carry, learns: true };
      });
    },
    reachFrom: (links) => (cutAfter(links) ? (links.at(-1)?.to ?? 0) : 0),
    unbiased: () => true,
  };
}
