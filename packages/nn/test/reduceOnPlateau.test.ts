import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  adam,
  constantSchedule,
  memoryCheckpointStore,
  reduceOnPlateau,
  stepSchedule,
  warmUp,
  type Checkpoint,
  type PlateauOptions,
} from '../src/index.js';
import { withFreshBackend } from './support/close.js';
import { streams, text, train } from './fit/training.js';

withFreshBackend();

/** How often the rate fell, by the rule, over values given at once. */
function reductions(values: readonly number[], { patience, minDelta = 0, direction = 'min' }: PlateauOptions): number {
  let [best, waited, count] = [direction === 'min' ? Infinity : -Infinity, 0, 0];
  for (const value of values) {
    if (Number.isFinite(value) && (direction === 'min' ? value < best - minDelta : value > best + minDelta)) {
      [best, waited] = [value, 0];
      continue;
    }
    waited++;
    if (waited <= patience) continue;
    count++;
    waited = 0;
  }
  return count;
}

describe('a rate that falls on a plateau', () => {
  test('falls as often as the rule says: any values', () => {
    const value = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(NaN, Infinity, -Infinity));
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 40 }),
        fc.nat({ max: 4 }),
        fc.constantFrom(0, 2),
        fc.constantFrom('min' as const, 'max' as const),
        (values, patience, minDelta, direction) => {
          const options = { patience, minDelta, direction, factor: 0.5, minimum: 1e-3 };
          const rate = reduceOnPlateau(0.1, options);
          for (const each of values) rate.watch.see(each);
          expect(rate(7)).toBeCloseTo(Math.max(1e-3, 0.1 * 0.5 ** reductions(values, options)), 12);
        },
      ),
    );
  });

  test('multiplies a schedule, never above it, and goes with a warm-up', () => {
    const rate = reduceOnPlateau(stepSchedule(0.1, { every: 10, factor: 0.1 }), { patience: 0, minimum: 0.02 });
    const warm = warmUp(rate, { steps: 4, startFactor: 0 });
    expect(warm.watch).toBe(rate.watch);
    expect([warm(2), warm(4), warm(14)]).toEqual([0.05, 0.1, 0.1 * 0.1]);
    for (const value of [1, 1, 1, 1]) warm.watch?.see(value);
    expect([warm(4), warm(14)]).toEqual([0.02, 0.1 * 0.1]);
  });

  test('is shown what fit evaluates, or each loss, without a hand laid on it', async () => {
    const values = [3, 3, 3, 3, 3, 1, 1, 1];
    let at = 0;
    const learningRate = reduceOnPlateau(0.1, { patience: 1, metric: () => values[at++] as number });
    const steps = await train({ updates: 8, optimiser: adam({ learningRate }) });
    expect(steps.map((step) => step.learningRate)).toEqual([0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025, 0.025]);
    for (const evaluate of [undefined, { data: streams(2, 30, text.slice(0, 100)), every: 2 }]) {
      const own = reduceOnPlateau(0.01, { patience: 2 });
      const seen = (
        await train({ updates: 8, optimiser: adam({ learningRate: own }), ...(evaluate && { evaluate }) })
      ).flatMap(({ loss, evaluation }) => (evaluate === undefined ? [loss] : evaluation ? [evaluation.loss] : []));
      expect(own.watch.state().best).toBe(Math.min(...seen));
    }
  });

  test('goes on from a checkpoint to the bit', async () => {
    const make = () => adam({ learningRate: reduceOnPlateau(0.3, { patience: 0, minDelta: 0.2 }) });
    const evaluate = { data: streams(2, 30, text.slice(0, 100)), every: 2 };
    const whole = await train({ updates: 14, optimiser: make(), evaluate });
    expect(new Set(whole.map(({ learningRate }) => learningRate)).size).toBeGreaterThan(1);
    for (const at of [2, 3, 6, 11]) {
      const store = memoryCheckpointStore();
      await train({ updates: at, optimiser: make(), evaluate, checkpoint: { store } });
      const resume = (await store.load()) as Checkpoint;
      const second = await train({ updates: 14, optimiser: make(), evaluate, resume });
      expect(second.map(({ loss, learningRate }) => [loss, learningRate])).toEqual(
        whole.slice(at).map(({ loss, learningRate }) => [loss, learningRate]),
      );
    }
  });

  test('that makes no sense is refused', async () => {
    const make =
      (options: unknown, rate: unknown = 0.1) =>
      () =>
        reduceOnPlateau(rate as number, options as PlateauOptions);
    expect(make({})).toThrow(/patience/);
    expect(make({ patience: -1 })).toThrow(/patience must be a whole number ≥ 0/);
    for (const factor of [0, 1, 2, NaN])
      expect(make({ patience: 1, factor })).toThrow(/factor must lie between 0 and 1/);
    expect(make({ patience: 1, minimum: -1 })).toThrow(/minimum/);
    expect(make({ patience: 1, minDelta: Infinity })).toThrow(/minDelta/);
    expect(make({ patience: 1, threshold: 1 })).toThrow(/threshold/);
    expect(make({ patience: 1 }, '0.1')).toThrow(/rate/);
    expect(make({ patience: 1 }, reduceOnPlateau(constantSchedule(1), { patience: 1 }))).toThrow(
      /watches a plateau already/,
    );
    expect(() => reduceOnPlateau(1, { patience: 1 }).watch.see('1' as unknown as number)).toThrow(/must be a number/);
    const learningRate = reduceOnPlateau(0.1, { patience: 1, metric: 'accuracy', direction: 'max' });
    await expect(train({ updates: 1, optimiser: adam({ learningRate }) })).rejects.toThrow(
      /"accuracy" is not evaluated/,
    );
  });
});
