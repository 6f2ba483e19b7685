import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import {
  ArgumentError,
  artbp,
  artbpMask,
  creditMatrix,
  fullBptt,
  key,
  scope,
  type ArtbpOptions,
  type Key,
} from '../../src/index.js';
import { apart, expectSameHoweverPushed, sample, total } from './support.js';
import { leavesNothingOn } from '../fixtures/leavesNothing.js';

const backend = createBackend();

leavesNothingOn(backend);

type Cuts = Omit<ArtbpOptions, 'updateEvery'>;

/** Settings, and c by hand: before a step, where the latest cut fell before step `latest`. */
const kinds: [string, Cuts, (step: number, latest: number) => number][] = [
  ['a constant', { cutProbability: 0.3 }, () => 0.3],
  [
    'a function of the step',
    { cutProbability: (step) => [0, 0.6, 0, 0.2, 0.5][step % 5] as number },
    (step) => [0, 0.6, 0, 0.2, 0.5][step % 5] as number,
  ],
  ['a mean length', { meanLength: 2.5 }, () => 0.4],
  ['a mean length and alpha', { meanLength: 3, alpha: 4 }, (step, latest) => 3 / (6 + step - latest)],
  ['segments', { meanLength: 5, segment: 2 }, (step) => (step % 2 === 0 ? 0.4 : 0)],
  [
    'segments and alpha',
    { meanLength: 5, segment: 2, alpha: 3 },
    (step, latest) => (step % 2 === 0 ? 2 / (2.5 + (step - latest) / 2) : 0),
  ],
];

test.each(kinds)('cuts drawn by %s: every draw is its mask times the credit matrix', (_, cuts) => {
  scope(() => {
    const time = 9;
    const given = sample('lstm', time);
    const credit = creditMatrix(given.task, given.params, given.stretch);
    for (const updateEvery of [1, 4]) {
      const strategy = artbp({ updateEvery, ...cuts });
      for (const seed of [1, 2]) {
        const result = total(strategy, given, key(seed));
        const expected = credit.masked(artbpMask({ time, ...cuts, cuts: strategy.cuts(key(seed), time) }));
        const what = `u=${updateEvery} seed=${seed} cuts=${strategy.cuts(key(seed), time).join()}`;
        expect(apart(result.gradient, expected), what).toBeLessThan(1e-12);
        expect(Math.abs(result.loss - credit.losses.reduce((a, b) => a + b, 0)), what).toBeLessThan(1e-11);
        expect(result.updates.every(({ unbiased }) => unbiased)).toBe(true);
      }
    }
  });
});

/** Every pattern of cuts that a sequence can have, with a key that draws it and its probability. */
function patternsOf(
  cuts: Cuts,
  chance: (step: number, latest: number) => number,
  time: number,
): { key: Key; probability: number }[] {
  const strategy = artbp({ updateEvery: 1, ...cuts });
  const places = Array.from({ length: time - 1 }, (_, index) => index + 1).filter((step) => chance(step, 0) > 0);
  const found = new Map<string, { key: Key; probability: number }>();
  for (let seed = 0; found.size < 2 ** places.length; seed++) {
    const drawn = strategy.cuts(key(seed), time);
    if (found.has(drawn.join())) continue;
    let [probability, latest] = [1, 0];
    for (const step of places) {
      const c = chance(step, latest);
      probability *= drawn.includes(step) ? c : 1 - c;
      if (drawn.includes(step)) latest = step;
    }
    found.set(drawn.join(), { key: key(seed), probability });
  }
  return [...found.values()];
}

test.each(kinds)('cuts drawn by %s: over all patterns the expectation is the full gradient', (_, cuts, chance) => {
  scope(() => {
    const time = 5;
    const given = sample('rnn', time);
    const full = total(fullBptt(), given);
    const patterns = patternsOf(cuts, chance, time);
    expect(Math.abs(patterns.reduce((sum, { probability }) => sum + probability, 0) - 1)).toBeLessThan(1e-15);
    for (const updateEvery of [2, Infinity]) {
      const strategy = artbp({ updateEvery, ...cuts });
      const expectation = new Float64Array(full.gradient.length);
      let bent = 0;
      for (const pattern of patterns) {
        const { gradient } = total(strategy, given, pattern.key);
        gradient.forEach((value, index) => {
          expectation[index] = (expectation[index] as number) + pattern.probability * value;
        });
        bent = Math.max(bent, apart(gradient, full.gradient));
      }
      expect(apart(expectation, full.gradient), `u=${updateEvery}`).toBeLessThan(1e-13);
      expect(bent).toBeGreaterThan(1e-3);
    }
  });
});

test.each(kinds)('cuts drawn by %s: the expected mask is all ones', (_, cuts) => {
  const mask = artbpMask({ time: 12, ...cuts });
  mask.forEach((row, s) => row.forEach((value, t) => expect(Math.abs(value - (t <= s ? 1 : 0))).toBeLessThan(1e-14)));
});

test.each([{ meanLength: 6 }, { meanLength: 6, alpha: 5 }, { meanLength: 12, segment: 3, alpha: 6 }])(
  'lengths between cuts have the mean that was asked for: %j',
  (cuts) => {
    const time = 10_000;
    const lengths = artbp({ updateEvery: 1, ...cuts })
      .cuts(key(5), time)
      .map((cut, index, all) => cut - (all[index - 1] ?? 0));
    const mean = lengths.reduce((a, b) => a + b, 0) / lengths.length;
    const deviation = Math.sqrt(lengths.reduce((sum, length) => sum + (length - mean) ** 2, 0) / lengths.length);
    expect(Math.abs(mean - cuts.meanLength)).toBeLessThan((4.5 * deviation) / Math.sqrt(lengths.length));
  },
);

test('without cuts it is full BPTT, bit for bit in one update; with a probability of nearly 1 weights stay right', () => {
  scope(() => {
    const given = sample('lstm', 7);
    const full = total(fullBptt(), given);
    expect(total(artbp({ updateEvery: Infinity, cutProbability: 0 }), given, key(1)).gradient).toEqual(full.gradient);
    expect(
      apart(total(artbp({ updateEvery: 3, cutProbability: 0 }), given, key(1)).gradient, full.gradient),
    ).toBeLessThan(1e-13);
    const cuts = { cutProbability: 1 - 2 ** -20 };
    const credit = creditMatrix(given.task, given.params, given.stretch);
    const local = credit.masked(artbpMask({ time: 7, ...cuts, cuts: [1, 2, 3, 4, 5, 6] }));
    expect(apart(total(artbp({ updateEvery: 3, ...cuts }), given, key(1)).gradient, local)).toBeLessThan(1e-13);
  });
});

test('what an update says of itself', () => {
  scope(() => {
    const given = sample('rnn', 10);
    const strategy = artbp({ updateEvery: 4, cutProbability: 0.4 });
    for (const seed of [1, 2, 3, 4]) {
      const cuts = [0, ...strategy.cuts(key(seed), 11)];
      const { updates } = total(strategy, given, key(seed));
      const facts = [0, 4, 8].map((from) => {
        const to = Math.min(from + 4, 10);
        const reach = Math.max(...cuts.filter((cut) => cut <= from));
        const counts = { droppedLosses: 0, forwardSteps: to - from, backwardSteps: to - reach, unbiased: true };
        return { lossSteps: { from, to }, parameterSteps: { from: reach, to }, ...counts };
      });
      expect(updates).toEqual(facts);
    }
  });
});

test('how a sequence is pushed changes no bit, nor does going on from a snapshot', () => {
  for (const settings of [
    { updateEvery: 3, meanLength: 4 },
    { updateEvery: 5, meanLength: 6, segment: 2, alpha: 3 },
  ]) {
    expectSameHoweverPushed(artbp(settings));
  }
});

test('what makes no sense is refused in words', () => {
  const refusals: [object, RegExp][] = [
    [{ updateEvery: 2 }, /by cutProbability or by meanLength.* neither/],
    [{ updateEvery: 2, cutProbability: 0.1, meanLength: 10 }, /both are given/],
    [{ updateEvery: 0, meanLength: 10 }, /updateEvery .* ≥ 1, or Infinity, but is 0/],
    [{ updateEvery: NaN, meanLength: 10 }, /updateEvery .* NaN/],
    [{ updateEvery: 2, cutProbability: 1 }, /cutProbability .* from 0 to below 1, but is 1/],
    [{ updateEvery: 2, cutProbability: -0.1 }, /below 1/],
    [{ updateEvery: 2, cutProbability: NaN }, /below 1, but is NaN/],
    [{ updateEvery: 2, meanLength: 1 }, /meanLength, .* above segment, which is 1, but is 1/],
    [{ updateEvery: 2, meanLength: 10, segment: 10 }, /above segment, which is 10/],
    [{ updateEvery: 2, meanLength: Infinity }, /finite/],
    [{ updateEvery: 2, meanLength: NaN }, /NaN/],
    [{ updateEvery: 2, meanLength: 5, alpha: 2 }, /alpha .* above 2/],
    [{ updateEvery: 2, meanLength: 5, alpha: NaN }, /alpha .* NaN/],
    [{ updateEvery: 2, cutProbability: 0.5, alpha: 4 }, /alpha .* meanLength/],
    [{ updateEvery: 2, meanLength: 5, segment: 1.5 }, /segment .* 1.5/],
    [{ updateEvery: 2, cutProbability: '0.1' }, /cutProbability/],
  ];
  for (const [options, message] of refusals)
    expect(() => artbp(options as ArtbpOptions), JSON.stringify(options)).toThrow(message);
  scope(() => {
    const { task, params, stretch } = sample('rnn', 3);
    const strategy = artbp({ updateEvery: 2, meanLength: 5 });
    expect(() => strategy.start(task)).toThrow(/run's key, and there is none.*key: key\(1\)/);
    expect(() => strategy.start(task, { key: null })).toThrow(ArgumentError);
    expect(() => strategy.start(task, { key: [1, -2] })).toThrow(/key/);
    expect(() => strategy.start({ ...task, causal: false }, { key: key(1) })).toThrow(/bidirectional/);
    const run = artbp({ updateEvery: 2, cutProbability: (step) => step / 2 }).start(task, { key: key(1) });
    expect(() => [...run.push(params, stretch)]).toThrow(/cutProbability\(2\) .* but is 1/);
    run.dispose();
    const plain = {
      position: 1,
      carry: null,
      pending: null,
      pieces: [{ from: 0, params: null, carry: null, stretch }],
    };
    expect(() => strategy.start(task, { key: key(1), snapshot: plain })).toThrow(/another strategy/);
  });
  expect(() => artbpMask({ time: 3, cutProbability: 0.1, cuts: [3] })).toThrow(/steps 1 to 2 of 3/);
  expect(() => artbpMask({ time: 3 })).toThrow(/cutProbability or meanLength/);
});
