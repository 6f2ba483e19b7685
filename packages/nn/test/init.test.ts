import { key, type Shape } from '@tempograd/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chronoForgetBias,
  constantInit,
  heNormal,
  heUniform,
  identityInit,
  normalInit,
  orthogonal,
  uniformInit,
  xavierNormal,
  xavierUniform,
  zeroInit,
  type Initialiser,
} from '../src/index.js';

const draw = (init: Initialiser, shape: Shape, seed = 1): Float64Array => Float64Array.from(init(key(seed), shape));

function moments(values: Float64Array): { mean: number; variance: number; kurtosis: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const central = (power: number): number =>
    values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length;
  return { mean, variance: central(2), kurtosis: central(4) / central(2) ** 2 };
}

describe('scaled initialisers', () => {
  const [rows, columns] = [300, 100];
  const count = rows * columns;
  const cases: [string, Initialiser, number, 'uniform' | 'normal'][] = [
    ['uniformInit(0.5)', uniformInit(0.5), 0.25 / 3, 'uniform'],
    ['normalInit(2)', normalInit(2), 4, 'normal'],
    ['xavierUniform', xavierUniform(), 2 / (rows + columns), 'uniform'],
    ['xavierUniform(3)', xavierUniform(3), 18 / (rows + columns), 'uniform'],
    ['xavierNormal', xavierNormal(), 2 / (rows + columns), 'normal'],
    ['heUniform', heUniform(), 2 / columns, 'uniform'],
    ['heNormal', heNormal(), 2 / columns, 'normal'],
    ['heNormal(1)', heNormal(1), 1 / columns, 'normal'],
  ];

  it.each(cases)('%s has the mean, variance and shape it should', (_name, init, variance, kind) => {
    const values = draw(init, [rows, columns]);
    const found = moments(values);
    const kurtosis = kind === 'uniform' ? 1.8 : 3;
    expect(values.length).toBe(count);
    expect(Math.abs(found.mean)).toBeLessThan(4.5 * Math.sqrt(variance / count));
    expect(Math.abs(found.variance / variance - 1)).toBeLessThan(4.5 * Math.sqrt((kurtosis - 1) / count));
    expect(Math.abs(found.kurtosis - kurtosis)).toBeLessThan(0.2);
    if (kind === 'uniform') expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(3 * variance));
  });

  it('give the same numbers for the same key, others for another', () => {
    for (const [, init] of cases) {
      expect(draw(init, [3, 4])).toEqual(draw(init, [3, 4]));
      expect(draw(init, [3, 4], 2)).not.toEqual(draw(init, [3, 4]));
    }
  });

  it('refuse a shape without fans', () => {
    for (const init of [xavierUniform(), xavierNormal(), heUniform(), heNormal(), orthogonal(), identityInit()]) {
      expect(() => init(key(1), [4])).toThrow(/weight matrices \[outputs, inputs\]/);
    }
  });
});

describe('exact initialisers', () => {
  it('constants and identity', () => {
    expect([...draw(zeroInit(), [2])]).toEqual([0, 0]);
    expect([...draw(constantInit(3), [2])]).toEqual([3, 3]);
    expect([...draw(identityInit(), [2, 3])]).toEqual([1, 0, 0, 0, 1, 0]);
    expect([...draw(identityInit(2), [3, 2])]).toEqual([2, 0, 0, 2, 0, 0]);
  });

  it('chrono draws log u with u uniform over 1 … longest − 1', () => {
    const values = draw(chronoForgetBias(1000), [20_000]);
    const { mean, variance } = moments(values.map(Math.exp));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(Math.log(999));
    expect(Math.abs(mean - 500)).toBeLessThan(4.5 * Math.sqrt(998 ** 2 / 12 / 20_000));
    expect(Math.abs(variance / (998 ** 2 / 12) - 1)).toBeLessThan(0.05);
  });
});

describe('orthogonal', () => {
  /** Largest difference of `QᵀQ` or `QQᵀ`, whichever is smaller, from gain² · I. */
  function offset(values: Float64Array, rows: number, columns: number, gain: number): number {
    const at = (row: number, column: number): number => values[row * columns + column] as number;
    const count = Math.min(rows, columns);
    const length = Math.max(rows, columns);
    let worst = 0;
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        let dot = 0;
        for (let i = 0; i < length; i++) dot += rows <= columns ? at(a, i) * at(b, i) : at(i, a) * at(i, b);
        worst = Math.max(worst, Math.abs(dot - (a === b ? gain ** 2 : 0)));
      }
    }
    return worst;
  }

  it('has orthonormal rows or columns, whatever the shape', () => {
    const sizes = fc.integer({ min: 1, max: 24 });
    fc.assert(
      fc.property(
        sizes,
        sizes,
        fc.integer({ min: 0, max: 1000 }),
        fc.constantFrom(1, 0.5, 2),
        (rows, columns, seed, gain) => {
          expect(offset(draw(orthogonal(gain), [rows, columns], seed), rows, columns, gain)).toBeLessThan(1e-12);
        },
      ),
      { numRuns: 50 },
    );
    expect(offset(draw(orthogonal(), [128, 128]), 128, 128, 1)).toBeLessThan(1e-12);
  });

  it('favours no sign and no direction', () => {
    const size = 3;
    const sums = new Float64Array(size * size);
    const draws = 4000;
    for (let seed = 0; seed < draws; seed++)
      draw(orthogonal(), [size, size], seed).forEach((value, index) => (sums[index] = (sums[index] as number) + value));
    // Each entry has variance 1/size.
    for (const total of sums) expect(Math.abs(total / draws)).toBeLessThan(4.5 / Math.sqrt(size * draws));
  });
});
