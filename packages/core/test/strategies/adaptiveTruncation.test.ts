import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import {
  adaptiveTruncation,
  adaptiveTruncationMask,
  add,
  ArgumentError,
  cellTask,
  creditMatrix,
  disposeTree,
  fromArray,
  fullBptt,
  key,
  mul,
  normal,
  scope,
  sliceAxis,
  sum,
  tensor,
  treeMap,
  truncatedBptt,
  useBackend,
  zeros,
  type AdaptiveTruncationOptions,
  type Backend,
  type SequenceTask,
  type Tensor,
} from '../../src/index.js';
import { apart, readUpdates, sample, total, type Facts, type Stretch } from './support.js';
import { leavesNothingOn } from '../fixtures/leavesNothing.js';

const backend = createBackend();
const f64 = { dtype: 'f64' } as const;

leavesNothingOn(backend);

/** h ← a·h + w·x with loss Σ h: what a loss says fades by a at each step. */
function linear(
  a: number,
  time: number,
): { task: SequenceTask<Tensor, Tensor, Tensor, Tensor>; params: Tensor; stretch: Tensor } {
  const task = cellTask<Tensor, Tensor, Tensor, Tensor, Tensor>(
    {
      initialCarry: (batch, options) => zeros([batch], options),
      step: (w, h, x) => {
        const next = add(mul(h, a), mul(w, x));
        return { carry: next, output: next };
      },
    },
    { input: (stretch) => stretch, loss: (_, output) => sum(output) },
  );
  return { task, params: tensor(0.5, f64), stretch: fromArray(new Float64Array(time).fill(1), [time, 1], f64) };
}

const told = (updates: readonly Facts[]) => updates.map(({ truncation }) => truncation!);

test('each draw of lengths is its mask times the credit matrix', () => {
  scope(() => {
    const time = 14;
    const given = sample('lstm', time);
    const credit = creditMatrix(given.task, given.params, given.stretch);
    const settings: AdaptiveTruncationOptions[] = [
      { updateEvery: 3, maxLength: 12, tolerance: 0.5 },
      { updateEvery: 4, maxLength: 9, segment: 1, tolerance: 2, measureEvery: 2 },
      { updateEvery: 5, maxLength: 15, segment: 2, minLength: 3 },
      { updateEvery: 30, maxLength: 30 },
    ];
    for (const options of settings) {
      const { gradient, updates } = total(adaptiveTruncation(options), given);
      const lengths = told(updates).map(({ length }) => length);
      const mask = adaptiveTruncationMask({ time, updateEvery: options.updateEvery, lengths });
      expect(apart(gradient, credit.masked(mask)), lengths.join()).toBeLessThan(1e-12);
      expect(updates.map(({ unbiased }) => unbiased)).toEqual(
        updates.map(({ parameterSteps }) => parameterSteps.from === 0),
      );
    }
  });
});

test('never goes further back than it was allowed to, however long its segments are', () => {
  scope(() => {
    const given = sample('rnn', 29);
    for (const [updateEvery, maxLength, segment] of [
      [4, 9, 4],
      [3, 10, 3],
      [5, 7, 2],
      [5, 5, 3],
      [2, 9, 50],
    ] as const) {
      const strategy = adaptiveTruncation({ updateEvery, maxLength, segment, tolerance: 1e-9 });
      const lengths = told(total(strategy, given).updates).map(({ length }) => length);
      expect(Math.max(...lengths), [updateEvery, maxLength, segment].join()).toBeLessThanOrEqual(maxLength);
      expect(Math.max(...lengths)).toBeGreaterThan(maxLength - Math.min(segment, updateEvery));
    }
  });
});

test('of a linear recurrence it measures the decay, and takes the smallest length within the tolerance', () => {
  scope(() => {
    const [a, time, tolerance] = [0.8, 80, 0.05];
    const given = linear(a, time);
    const { updates } = total(
      adaptiveTruncation({ updateEvery: 4, maxLength: 60, segment: 1, losses: 1, tolerance }),
      given,
    );
    const { length, biasBound, decay } = told(updates).at(-1)!;
    expect(Math.abs(decay! - a)).toBeLessThan(1e-9);
    // ‖G[s][s−k]‖ = aᵏ, so what lies beyond K is a^K/(1−a). The losses of an update see 3 steps less to none less than K.
    const gradientOf = (steps: number): number =>
      [0, 1, 2, 3].reduce((all, less) => all + (1 - a ** (steps - less)) / (1 - a), 0) / 4;
    const bound = (steps: number): number => a ** steps / (1 - a) / (gradientOf(60) - a ** steps / (1 - a));
    expect(bound(length)).toBeLessThan(tolerance * 1.05);
    expect(bound(length - 1)).toBeGreaterThan(tolerance * 0.95);
    expect(biasBound).toBeLessThanOrEqual(tolerance);
    expect(biasBound!).toBeGreaterThan(0.8 * bound(length));
    // Twice the distance for the square root of the decay.
    const slower = told(
      total(
        adaptiveTruncation({ updateEvery: 4, maxLength: 60, segment: 1, losses: 1, tolerance }),
        linear(Math.sqrt(a), time),
      ).updates,
    );
    expect(slower.at(-1)!.length).toBeGreaterThan(1.9 * length);
  });
});

test('the bound holds for what is left out', () => {
  scope(() => {
    const time = 40;
    const { task, params, stretch } = sample('rnn', time);
    const given = {
      task,
      stretch,
      params: { ...params, cell: { ...params.cell, weight_hh: mul(params.cell.weight_hh, 0.4) } },
    };
    const full = total(fullBptt(), given).gradient;
    for (const tolerance of [0.3, 0.01]) {
      const { gradient, updates } = total(
        adaptiveTruncation({ updateEvery: 2, maxLength: 30, segment: 1, losses: 1, tolerance }),
        given,
      );
      const norm = (x: Float64Array): number => Math.hypot(...x);
      const bias = norm(gradient.map((value, index) => value - (full[index] as number))) / norm(full);
      expect(bias).toBeLessThan(tolerance);
      expect(told(updates).at(-1)!.length).toBeLessThan(30);
    }
  });
});

test('gradients that do not fade take the longest window, and the bound says nothing', () => {
  scope(() => {
    const { updates } = total(adaptiveTruncation({ updateEvery: 2, maxLength: 10 }), linear(1.1, 40));
    const { length, biasBound, decay } = told(updates).at(-1)!;
    expect([length, biasBound]).toEqual([10, Infinity]);
    expect(decay).toBeGreaterThan(1.05);
    const plain = total(truncatedBptt({ updateEvery: 2, backwardSteps: 10 }), linear(1.1, 40));
    expect(total(adaptiveTruncation({ updateEvery: 2, maxLength: 10 }), linear(1.1, 40)).gradient).toEqual(
      plain.gradient,
    );
  });
});

test('lengths keep to their bounds, and measurements come as often as was asked, and cost what updates say', () => {
  scope(() => {
    const given = linear(0.5, 120);
    const options = {
      updateEvery: 2,
      maxLength: 16,
      minLength: 7,
      tolerance: 0.9,
      segment: 1,
      losses: 1,
      measureEvery: 10,
    };
    const { updates } = total(adaptiveTruncation(options), given);
    expect(told(updates).at(-1)!.length).toBe(7);
    const measured = updates.flatMap(({ forwardSteps }, index) => (forwardSteps > 2 ? [index] : []));
    // While more can be seen than before, twice as much each time; from then on every tenth.
    expect(measured).toEqual([0, 1, 3, 7, 17, 27, 37, 47, 57]);
    expect(updates[57]).toMatchObject({ forwardSteps: 2 + 16, backwardSteps: 7 + 16 });
    expect(updates[0]!.truncation).toMatchObject({ length: 2, biasBound: 0 });
  });
});

test('how a sequence is pushed changes no bit, nor does going on from a snapshot', () => {
  const strategy = adaptiveTruncation({
    updateEvery: 3,
    maxLength: 9,
    segment: 2,
    tolerance: 0.8,
    losses: 2,
    measureEvery: 4,
  });
  scope(() => {
    const time = 26;
    const given = sample('lstm', time);
    const steps = (from: number, to: number): Stretch => treeMap(given.stretch, (leaf) => sliceAxis(leaf, from, to));
    const whole = total(strategy, given, key(9));
    const single = Array.from({ length: time }, (_, t) => steps(t, t + 1));
    expect(total(strategy, { ...given, stretch: single }, key(9)).parts).toEqual(whole.parts);
    for (const at of [2, 10, 21]) {
      const first = strategy.start(given.task, { key: key(9) });
      const facts: Facts[] = [];
      const before = readUpdates(first, given.params, [steps(0, at)], facts, false);
      const snapshot = first.snapshot();
      first.dispose();
      const second = strategy.start(given.task, { key: key(9), snapshot });
      const { past, carries } = snapshot.state as { past: Stretch | null; carries: { carry: unknown }[] };
      disposeTree([snapshot.carry, snapshot.pending, snapshot.pieces.map(({ from: _, ...trees }) => trees)]);
      disposeTree([past, carries.map(({ carry }) => carry)]);
      const after = readUpdates(second, given.params, [steps(at, time)], facts);
      second.dispose();
      expect([...before, ...after]).toEqual(whole.parts);
      expect(facts).toEqual(whole.updates);
    }
  });
});

test('what makes no sense is refused in words', () => {
  const refusals: [object, RegExp][] = [
    [{ updateEvery: 2 }, /maxLength is missing/],
    [{ updateEvery: 8, maxLength: 4 }, /maxLength, .* at least updateEvery, 8, .* but is 4/],
    [{ updateEvery: 2, maxLength: 4, minLength: 5 }, /minLength, 5, but is 4/],
    [{ updateEvery: 2, maxLength: Infinity }, /maxLength .* Infinity/],
    [{ updateEvery: NaN, maxLength: 4 }, /updateEvery .* NaN/],
    [{ updateEvery: 2, maxLength: 4, tolerance: 0 }, /tolerance, .* above 0, but is 0/],
    [{ updateEvery: 2, maxLength: 4, tolerance: NaN }, /tolerance, .* NaN/],
    [{ updateEvery: 2, maxLength: 4, measureEvery: 0 }, /measureEvery must be a whole number ≥ 1/],
    [{ updateEvery: 2, maxLength: 4, losses: 1.5 }, /losses must be a whole number/],
    [{ updateEvery: 2, maxLength: 4, segment: 0 }, /segment .* but is 0/],
  ];
  for (const [options, message] of refusals)
    expect(() => adaptiveTruncation(options as AdaptiveTruncationOptions), JSON.stringify(options)).toThrow(message);
  expect(() => adaptiveTruncationMask({ time: 5, updateEvery: 2, lengths: [1] })).toThrow(
    /3 updates, one every 2, but there are 1/,
  );
  scope(() => {
    const strategy = adaptiveTruncation({ updateEvery: 2, maxLength: 4 });
    const { task, params, stretch } = sample('rnn', 4);
    expect(() => strategy.start({ ...task, causal: false })).toThrow(/bidirectional/);
    const foreign = { position: 2, carry: null, pending: null, pieces: [] };
    expect(() => strategy.start(task, { snapshot: foreign })).toThrow(/measured: it is of a run of another strategy/);
    const failing = {
      ...task,
      forward: () => {
        throw new RangeError('no');
      },
    };
    const run = strategy.start(failing);
    expect(() => readUpdates(run, params, [stretch])).toThrow(RangeError);
    expect(() => run.snapshot()).toThrow(/stopped in the middle by "no"/);
    run.dispose();
  });
});

test('a backend that cannot read at once is refused, and the run is as before', () => {
  const late = Object.create(createBackend(), { readSync: { value: undefined } }) as Backend;
  useBackend(late);
  scope(() => {
    const { task, params, stretch } = sample('rnn', 4);
    const run = adaptiveTruncation({ updateEvery: 2, maxLength: 4 }).start(task);
    expect(() => [...run.push(params, stretch)]).toThrow(ArgumentError);
    expect(() => [...run.push(params, stretch)]).toThrow(/must read them at once.*readGradientByLag/);
    expect(run.position).toBe(0);
    run.dispose();
  });
  expect(late.memory().buffers).toBe(0);
  expect(normal(key(1), [1], { backend }).dispose()).toBeUndefined();
});
