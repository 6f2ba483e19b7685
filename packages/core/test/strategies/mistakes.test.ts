import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import { artbp, fullBptt, key, randomTelescoping, scope, type Key, type Strategy } from '../../src/index.js';
import { cutAtRandom } from '../../src/strategies/artbp.js';
import { ChainRun, type ChainPolicy, type Stride } from '../../src/strategies/ChainRun.js';
import { chancesOfCuts } from '../../src/strategies/cutChances.js';
import { lengthsOf } from '../../src/strategies/lengthDistribution.js';
import { telescope } from '../../src/strategies/randomTelescoping.js';
import { apart, sample, total } from './support.js';
import { leavesNothingOn } from '../fixtures/leavesNothing.js';

const backend = createBackend();
const time = 3;

leavesNothingOn(backend);

/** Both methods, each with half and half at every place, so that all draws that differ within the sequence are equally likely. */
const methods: Record<string, { policy: (key: Key) => ChainPolicy; drawOf: (key: Key) => string; draws: number }> = {
  artbp: {
    policy: (runKey) => cutAtRandom(2, chancesOfCuts('artbp', { cutProbability: 0.5 }), runKey),
    drawOf: (runKey) => artbp({ updateEvery: 2, cutProbability: 0.5 }).cuts(runKey, time).join(),
    draws: 4,
  },
  randomTelescoping: {
    policy: (runKey) =>
      telescope({ updateEvery: 2, segment: 1, single: false }, lengthsOf('x', { meanLength: 2 }, 1), runKey),
    drawOf: (runKey) => {
      // Equally likely draws: whether the first segment goes on twice needs two of them.
      const drawn = randomTelescoping({ updateEvery: 2, segment: 1, meanLength: 2 }).lengths(runKey, time);
      return [Math.min(drawn[0] as number, 3), Math.min(drawn[1] as number, 2)].join();
    },
    draws: 6,
  },
};

/** P of a draw of lengths: of the first of three segments 1, 2, or at least 3; of the second 1, or at least 2. */
const probabilityOf = (method: string, draw: string): number =>
  method === 'artbp' ? 1 / 4 : (draw.startsWith('1') ? 1 / 2 : 1 / 4) / 2;

/** How far the expectation over all draws is from the full gradient, with the policy changed. */
function biasOf(name: string, change: (policy: ChainPolicy) => Partial<ChainPolicy>): number {
  return scope(() => {
    const given = sample('lstm', time, { hidden: 2, batch: 1 });
    const full = total(fullBptt(), given).gradient;
    const { policy, drawOf, draws } = methods[name] as (typeof methods)[string];
    const expectation = new Float64Array(full.length);
    const seen = new Set<string>();
    for (let seed = 0; seen.size < draws; seed++) {
      const draw = drawOf(key(seed));
      if (seen.has(draw)) continue;
      seen.add(draw);
      const own = policy(key(seed));
      const strategy: Strategy = {
        ...fullBptt(),
        start: (task, options = {}) => new ChainRun(task, { ...own, ...change(own) }, key(seed), options),
      };
      total(strategy, given, key(seed)).gradient.forEach((value, index) => {
        expectation[index] = (expectation[index] as number) + probabilityOf(name, draw) * value;
      });
    }
    return apart(expectation, full);
  });
}

const strides =
  (change: (stride: Stride, index: number) => Stride | null) =>
  (policy: ChainPolicy): Partial<ChainPolicy> => ({
    wayBack: (...args) => policy.wayBack(...args).flatMap((stride, index) => change(stride, index) ?? []),
  });

const mistakes: Record<string, (policy: ChainPolicy) => Partial<ChainPolicy>> = {
  'what is not cut is not reweighted': strides((stride) => ({ ...stride, carry: stride.carry === 0 ? 0 : 1 })),
  'reweighted by the probability': strides((stride) => ({
    ...stride,
    carry: stride.carry === 0 ? 0 : 1 / stride.carry,
  })),
  'one step too short': strides((stride, index) => (index === 0 ? stride : null)),
  'the latest step is not learned of': strides((stride, index) => ({ ...stride, learns: index > 0 })),
  'its own losses are left out': strides((stride, index) => ({ ...stride, losses: index === 0 ? 0 : stride.losses })),
  'nothing of an earlier update is held': (policy) => ({
    reachFrom: (links) => (policy.reachFrom(links), links.at(-1)?.to ?? 0),
  }),
};

test.each(Object.keys(methods))('%s as it is has no bias', (name) => {
  expect(biasOf(name, () => ({}))).toBeLessThan(1e-13);
});

test.each(Object.keys(methods).flatMap((name) => Object.keys(mistakes).map((mistake) => [name, mistake] as const)))(
  '%s with a mistake is found: %s',
  (name, mistake) => {
    const change = mistakes[mistake] as (policy: ChainPolicy) => Partial<ChainPolicy>;
    expect(biasOf(name, change)).toBeGreaterThan(1e-4);
  },
);
