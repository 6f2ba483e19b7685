import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import {
  artbp,
  artbpMask,
  creditMatrix,
  key,
  randomTelescoping,
  scope,
  telescopingMask,
  truncationMask,
  useBackend,
} from '../../src/index.js';
import { apart, sample, total } from './support.js';
import { leavesNothingOn } from '../fixtures/leavesNothing.js';

const backend = createBackend();
const [time, seeds] = [5, 10_000];

leavesNothingOn(backend);

const credit = scope(() => {
  useBackend(backend);
  const made = sample('rnn', time, { hidden: 2, batch: 1 });
  const matrix = creditMatrix(made.task, made.params, made.stretch);
  return matrix;
});

type Mask = number[][];

/** What 10⁴ draws say of a random gradient: how many standard errors its mean is off, at worst, and how its error falls. */
function examine(maskOf: (seed: number) => Mask): { off: number; slope: number } {
  const full = credit.masked();
  const size = full.length;
  const draws = Array.from({ length: seeds }, (_, seed) => credit.masked(maskOf(seed)));
  let off = 0;
  for (let index = 0; index < size; index++) {
    const values = draws.map((gradient) => gradient[index] as number);
    const mean = values.reduce((a, b) => a + b, 0) / seeds;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (seeds - 1));
    const error = Math.abs(mean - (full[index] as number));
    // What does not vary is right to rounding, or wrong.
    if (error > 1e-9 * (1 + Math.abs(full[index] as number)))
      off = Math.max(off, error / (deviation / Math.sqrt(seeds)));
  }
  /** The root of the mean squared error of means over that many draws. */
  const errorOf = (count: number): number => {
    let squares = 0;
    for (let first = 0; first < seeds; first += count) {
      for (let index = 0; index < size; index++) {
        let sum = 0;
        for (let draw = first; draw < first + count; draw++) sum += draws[draw]?.[index] as number;
        squares += (sum / count - (full[index] as number)) ** 2;
      }
    }
    return Math.sqrt((squares * count) / seeds);
  };
  return { off, slope: Math.log(errorOf(400) / errorOf(4)) / Math.log(100) };
}

const cuts = { meanLength: 3 };
const lengths = { segment: 1, meanLength: 3 };
const drawnBy = {
  cuts: artbp({ updateEvery: 2, ...cuts }),
  roulette: randomTelescoping({ updateEvery: 2, ...lengths }),
  single: randomTelescoping({ updateEvery: 2, ...lengths, estimator: 'singleSample' }),
};
const drawnCuts = (seed: number): number[] => drawnBy.cuts.cuts(key(seed), time);

const unbiased: Record<string, (seed: number) => Mask> = {
  artbp: (seed) => artbpMask({ time, ...cuts, cuts: drawnCuts(seed) }),
  'Russian roulette': (seed) =>
    telescopingMask({ time, ...lengths, lengths: drawnBy.roulette.lengths(key(seed), time) }),
  'single sample': (seed) =>
    telescopingMask({ time, ...lengths, estimator: 'singleSample', lengths: drawnBy.single.lengths(key(seed), time) }),
};

const biased: Record<string, (seed: number) => Mask> = {
  'plain truncation': () => truncationMask({ time, updateEvery: 2, backwardSteps: 4 }),
  'cuts that are not reweighted': (seed) => artbpMask({ time, cutProbability: 0, cuts: drawnCuts(seed) }),
  'cuts one step late': (seed) =>
    artbpMask({ time, ...cuts, cuts: drawnCuts(seed).map((cut) => Math.min(cut + 1, time - 1)) }),
  'lengths one too long': (seed) =>
    telescopingMask({ time, ...lengths, lengths: drawnBy.roulette.lengths(key(seed), time).map((n) => n + 1) }),
  'a single sample weighted as roulette': (seed) => {
    const drawn = drawnBy.single.lengths(key(seed), time);
    const single = telescopingMask({ time, ...lengths, estimator: 'singleSample', lengths: drawn });
    const roulette = telescopingMask({ time, ...lengths, lengths: drawn });
    return single.map((row, s) => row.map((m, t) => (m === 0 ? 0 : (roulette[s]?.[t] as number))));
  },
};

describe('over ten thousand fixed seeds', () => {
  test.each(Object.keys(unbiased))(
    'the mean of %s is the full gradient, and its error falls as the square root',
    (name) => {
      const { off, slope } = examine(unbiased[name] as (seed: number) => Mask);
      expect(off).toBeLessThan(4.5);
      expect(Math.abs(slope + 0.5)).toBeLessThan(0.06);
    },
  );

  test.each(Object.keys(biased))('the same test fails for %s', (name) => {
    const { off, slope } = examine(biased[name] as (seed: number) => Mask);
    expect(off).toBeGreaterThan(4.5);
    expect(Math.abs(slope + 0.5)).toBeGreaterThan(0.06);
  });
});

test('the draws are those of runs', () => {
  scope(() => {
    const made = sample('rnn', time, { hidden: 2, batch: 1 });
    for (let seed = 0; seed < 10; seed++) {
      expect(
        apart(total(drawnBy.cuts, made, key(seed)).gradient, credit.masked(unbiased['artbp']?.(seed))),
      ).toBeLessThan(1e-13);
      expect(
        apart(total(drawnBy.single, made, key(seed)).gradient, credit.masked(unbiased['single sample']?.(seed))),
      ).toBeLessThan(1e-13);
    }
  });
});
