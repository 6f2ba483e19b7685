import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import {
  ArgumentError,
  creditMatrix,
  disposeTree,
  fullBptt,
  key,
  randomTelescoping,
  scope,
  telescopingMask,
  truncatedBptt,
  type Key,
  type RandomTelescopingOptions,
} from '../../src/index.js';
import { apart, expectSameHoweverPushed, sample, total } from './support.js';
import { leavesNothingOn } from '../fixtures/leavesNothing.js';

const backend = createBackend();

leavesNothingOn(backend);

type Lengths = Omit<RandomTelescopingOptions, 'updateEvery' | 'segment' | 'estimator'>;

/** Settings, and P(N ≥ n) by hand. */
const kinds: [string, Lengths & { readonly segment: number }, (n: number) => number][] = [
  ['a mean length', { meanLength: 2, segment: 1 }, (n) => 0.5 ** (n - 1)],
  ['a mean length in segments', { meanLength: 5, segment: 2 }, (n) => 0.6 ** (n - 1)],
  ['probabilities', { probabilities: [0.1, 0.3, 0.2, 0.4], segment: 1 }, (n) => [1, 0.9, 0.6, 0.4, 0][n - 1] ?? 0],
];
const estimators = ['russianRoulette', 'singleSample'] as const;
const cases = kinds.flatMap(([name, lengths, reached]) =>
  estimators.map((estimator) => [name, estimator, lengths, reached] as const),
);

test.each(cases)('lengths drawn by %s, %s: every draw is its mask times the credit matrix', (_, estimator, lengths) => {
  scope(() => {
    const time = 7;
    const given = sample('lstm', time);
    const credit = creditMatrix(given.task, given.params, given.stretch);
    for (const updateEvery of [4, Infinity]) {
      const strategy = randomTelescoping({ updateEvery, estimator, ...lengths });
      for (const seed of [1, 2]) {
        const { gradient, loss } = total(strategy, given, key(seed));
        const drawn = strategy.lengths(key(seed), time);
        const expected = credit.masked(telescopingMask({ time, estimator, ...lengths, lengths: drawn }));
        expect(apart(gradient, expected), `u=${updateEvery} lengths=${drawn.join()}`).toBeLessThan(1e-12);
        expect(Math.abs(loss - credit.losses.reduce((a, b) => a + b, 0))).toBeLessThan(1e-11);
      }
    }
  });
});

/** Every list of lengths that matters in a sequence, with a key that draws it and its probability. */
function drawsOf(
  options: Lengths & { readonly segment: number },
  reached: (n: number) => number,
  time: number,
): { key: Key; probability: number }[] {
  const strategy = randomTelescoping({ updateEvery: 1, ...options });
  const segments = Math.ceil(time / options.segment);
  const found = new Map<string, { key: Key; probability: number }>();
  let covered = 0;
  for (let seed = 0; covered < 1 - 1e-12; seed++) {
    const drawn = strategy.lengths(key(seed), time);
    if (found.has(drawn.join())) continue;
    const probability = drawn.reduce((all, n, index) => {
      const ends = n > segments - index ? 0 : reached(n + 1);
      return all * (reached(n) - ends);
    }, 1);
    covered += probability;
    found.set(drawn.join(), { key: key(seed), probability });
  }
  return [...found.values()];
}

test.each(cases)(
  'lengths drawn by %s, %s: over all draws the expectation is the full gradient',
  (_, estimator, lengths, reached) => {
    scope(() => {
      const time = lengths.segment === 1 ? 3 : 5;
      const given = sample('rnn', time, { hidden: 2, batch: 1 });
      const full = total(fullBptt(), given);
      const strategy = randomTelescoping({ updateEvery: 2, estimator, ...lengths });
      const expectation = new Float64Array(full.gradient.length);
      for (const draw of drawsOf(lengths, reached, time)) {
        const { gradient } = total(strategy, given, draw.key);
        gradient.forEach((value, index) => {
          expectation[index] = (expectation[index] as number) + draw.probability * value;
        });
      }
      expect(apart(expectation, full.gradient)).toBeLessThan(1e-13);
    });
  },
);

test('the expected mask is one where lengths reach, and nothing beyond', () => {
  for (const estimator of estimators) {
    const whole = telescopingMask({ time: 9, segment: 2, meanLength: 5, estimator });
    whole.forEach((row, s) => row.forEach((m, t) => expect(Math.abs(m - (t <= s ? 1 : 0))).toBeLessThan(1e-15)));
    const short = telescopingMask({ time: 5, segment: 1, probabilities: [0.5, 0.5], estimator });
    expect(short[4]).toEqual([0, 0, 0, 1, 1]);
  }
});

test('it says of each update whether lengths reach all the way back', () => {
  scope(() => {
    const given = sample('rnn', 8);
    const saysOf = (options: Partial<RandomTelescopingOptions>): boolean[] =>
      total(randomTelescoping({ updateEvery: 2, segment: 2, ...options }), given, key(2)).updates.map(
        ({ unbiased }) => unbiased,
      );
    expect(saysOf({ meanLength: 4 })).toEqual([true, true, true, true]);
    expect(saysOf({ probabilities: [0.5, 0.2, 0.3] })).toEqual([true, true, true, false]);
    const gap = { probabilities: [0.5, 0, 0.5] };
    expect(saysOf(gap)).toEqual([true, true, true, false]);
    expect(saysOf({ ...gap, estimator: 'singleSample' })).toEqual([true, false, false, false]);
  });
});

test('where every length reaches b segments it is truncated BPTT over windows of them, and what it holds is bounded', () => {
  scope(() => {
    const given = sample('lstm', 40);
    const strategy = randomTelescoping({ updateEvery: 4, probabilities: [0, 0, 1] });
    const { gradient, updates } = total(strategy, given, key(1));
    const window = total(truncatedBptt({ updateEvery: 4, backwardSteps: 12 }), given);
    expect(apart(gradient, window.gradient)).toBeLessThan(1e-13);
    expect(updates.map(({ backwardSteps }) => backwardSteps)).toEqual([4, 8, 12, 12, 12, 12, 12, 12, 12, 12]);
    expect(updates.map(({ parameterSteps }) => parameterSteps.from)).toEqual([0, 0, 0, 4, 8, 12, 16, 20, 24, 28]);
    const run = strategy.start(given.task, { key: key(1) });
    const pieces: number[] = [];
    for (const _ of run.push(given.params, given.stretch)) {
      const snapshot = run.snapshot();
      pieces.push(snapshot.pieces.length);
      disposeTree([snapshot.carry, snapshot.pending, snapshot.pieces.map(({ from: __, ...trees }) => trees)]);
    }
    expect(pieces).toEqual([1, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
    run.dispose();
  });
});

test('how a sequence is pushed changes no bit, nor does going on from a snapshot', () => {
  for (const estimator of estimators) {
    expectSameHoweverPushed(randomTelescoping({ updateEvery: 5, segment: 2, meanLength: 6, estimator }));
  }
});

test('one step, one row', () => {
  scope(() => {
    const given = sample('lstm', 1, { batch: 1 });
    const full = total(fullBptt(), given).gradient;
    expect(total(randomTelescoping({ updateEvery: 3, meanLength: 10 }), given, key(1)).gradient).toEqual(full);
  });
});

test('what makes no sense is refused in words', () => {
  const refusals: [object, RegExp][] = [
    [{ updateEvery: 2 }, /by meanLength, in steps, or by the probabilities.* neither/],
    [{ updateEvery: 2, meanLength: 10, probabilities: [1] }, /both are given/],
    [{ updateEvery: 0, meanLength: 10 }, /updateEvery .* but is 0/],
    [{ updateEvery: Infinity, meanLength: 10 }, /one update a sequence say segment/],
    [{ updateEvery: 4, meanLength: 4 }, /above segment, which is 4, but is 4/],
    [{ updateEvery: 4, meanLength: NaN }, /NaN/],
    [{ updateEvery: 4, meanLength: 40, segment: 0 }, /segment .* but is 0/],
    [{ updateEvery: 4, probabilities: [] }, /sum to 1, but there is none/],
    [{ updateEvery: 4, probabilities: [0.5, 0.4] }, /sum to 0.9/],
    [{ updateEvery: 4, probabilities: [0.5, NaN] }, /that of 2 is NaN/],
    [{ updateEvery: 4, probabilities: [1.5, -0.5] }, /that of 1 is 1.5/],
    [{ updateEvery: 4, probabilities: ['1'] }, /that of 1 is 1/],
    [{ updateEvery: 4, meanLength: 9, estimator: 'single' }, /estimator must be one of/],
  ];
  for (const [options, message] of refusals)
    expect(() => randomTelescoping(options as RandomTelescopingOptions), JSON.stringify(options)).toThrow(message);
  scope(() => {
    const { task } = sample('rnn', 3);
    const strategy = randomTelescoping({ updateEvery: 2, meanLength: 5 });
    expect(() => strategy.start(task)).toThrow(/run's key, and there is none/);
    expect(() => strategy.start({ ...task, causal: false }, { key: key(1) })).toThrow(/bidirectional/);
  });
  expect(() => telescopingMask({ time: 5, segment: 2, meanLength: 4, lengths: [1] })).toThrow(
    /3 segments of 2, but there are 1/,
  );
  expect(() => telescopingMask({ time: 5, segment: 2 })).toThrow(ArgumentError);
});
