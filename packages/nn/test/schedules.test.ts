import { ArgumentError, div, globalNorm, mul, scope, tensor, treeMap } from '@tempograd/core';
import { describe, expect, it } from 'vitest';
import {
  clipByGlobalNorm,
  clipByValue,
  constantSchedule,
  cosineSchedule,
  sgd,
  stepSchedule,
  warmUp,
  type Schedule,
} from '../src/index.js';
import { expectClose, withFreshBackend } from './support/close.js';
import { Golden, goldenEntries } from './support/golden.js';

describe('schedules', () => {
  const [entry] = goldenEntries('schedules');
  const makers: Record<string, (base: number, options: Record<string, number>) => Schedule> = {
    StepLR: (base, { step_size = 0, gamma = 0 }) => stepSchedule(base, { every: step_size, factor: gamma }),
    CosineAnnealingLR: (base, { T_max = 0, eta_min = 0 }) => cosineSchedule(base, { steps: T_max, minimum: eta_min }),
    LinearLR: (base, { start_factor = 0, total_iters = 0 }) =>
      warmUp(constantSchedule(base), { steps: total_iters, startFactor: start_factor }),
  };

  it.each(entry?.variants ?? [])('agrees with PyTorch: $name', ({ name, schedule, base, options }) => {
    const rate = makers[schedule as string]?.(base as number, options as Record<string, number>) as Schedule;
    const expected = new Golden(entry?.file as string).values(`rate.${String(name)}`);
    expectClose(
      Float64Array.from(expected, (_, step) => rate(step)),
      expected,
      1e-12,
      'rate',
    );
  });

  it('composes: warm-up, then the other from its own beginning', () => {
    const cosine = cosineSchedule(2, { steps: 10 });
    const rate = warmUp(cosine, { steps: 4, startFactor: 0 });
    expect([0, 1, 2, 3].map(rate)).toEqual([0, 0.5, 1, 1.5]);
    expect([4, 9, 14, 1000].map(rate)).toEqual([2, cosine(5), cosine(10), cosine(10)]);
    expect(cosine(10)).toBe(0);
  });

  it('refuses lengths that make no sense', () => {
    expect(() => cosineSchedule(1, { steps: 0 })).toThrow(/whole number ≥ 1/);
    expect(() => stepSchedule(1, { every: 1.5, factor: 1 })).toThrow(/every/);
    expect(() => warmUp(constantSchedule(1), { steps: 5, startFactor: 2 })).toThrow(/startFactor/);
  });
});

describe('clipping', () => {
  withFreshBackend();
  const [entry] = goldenEntries('clipping');

  it.each(entry?.variants ?? [])('agrees with PyTorch: $name', ({ name, by, limit }) =>
    scope(() => {
      const golden = new Golden(entry?.file as string);
      const gradient = golden.tree('gradient.');
      const clipped = (): typeof gradient => {
        if (by === 'value') return clipByValue(gradient, limit as number);
        const { norm, scale } = clipByGlobalNorm(gradient, limit as number);
        expectClose(norm, golden.values(`norm.${String(name)}`), 1e-12, 'norm');
        return treeMap(gradient, (leaf) => mul(leaf, scale));
      };
      for (const [leaf, tensorOf] of Object.entries(clipped())) {
        expectClose(tensorOf, golden.values(`clipped.${String(name)}.${leaf}`), 1e-12, leaf);
      }
    }),
  );

  it('looks at the gradient times the given scale, and hands the optimiser one factor', () =>
    scope(() => {
      const gradient = { a: tensor([30, 40], { dtype: 'f64' }) };
      for (const by of [0.1, tensor(0.1, { dtype: 'f64' })]) {
        const { norm, scale } = clipByGlobalNorm(gradient, 2.5, by);
        expect(norm.readSync()[0]).toBeCloseTo(5, 12);
        const params = { a: tensor([0, 0], { dtype: 'f64' }) };
        const optimiser = sgd({ learningRate: 1 });
        optimiser.update(params, gradient, optimiser.init(params), { scale });
        expectClose(params.a, [-1.5, -2], 1e-6);
        expectClose(globalNorm(div(params.a, 1)), [2.5], 1e-6);
      }
      expectClose(clipByValue(gradient, 3.5, 0.1).a, [3, 3.5], 1e-12);
    }));

  it('leaves a zero gradient zero', () =>
    scope(() => {
      const { norm, scale } = clipByGlobalNorm([tensor([0, 0])], 1);
      expect([norm.readSync()[0], scale.readSync()[0]]).toEqual([0, 1]);
      expect(() => clipByGlobalNorm([tensor([0])], 0)).toThrow(/maxNorm must be above 0/);
      expect(() => clipByGlobalNorm([tensor([0])], 1, '2' as never)).toThrow(
        /^clipByGlobalNorm: scale must be a tensor/,
      );
      expect(() => clipByValue([tensor([0])], 1, null as never)).toThrow(/^clipByValue: scale must be a tensor/);
    }));
});

it.each([
  [() => constantSchedule('0.1' as unknown as number)],
  [() => stepSchedule(NaN, { every: 1, factor: 1 })],
  [() => stepSchedule(0.1, { every: 1, factor: NaN })],
  [() => cosineSchedule(0.1, { steps: 3, minimum: NaN })],
  [() => cosineSchedule(undefined as unknown as number, { steps: 3 })],
  [() => warmUp(0.1 as unknown as Schedule, { steps: 3 })],
])('a rate or schedule that is none is refused when it is made: %s', (make) => {
  expect(make).toThrow(ArgumentError);
});
