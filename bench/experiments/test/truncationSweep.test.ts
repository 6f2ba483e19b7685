import { expect, test } from 'vitest';
import { truncationSweep } from '../src/truncationSweep/truncationSweep.js';

test('what is asked for is learnt once gradients span it, and memory and direction grow with the steps back', async () => {
  const { points } = await truncationSweep.run({ size: 'small', seed: 1 });
  const [two, four, twelve] = points as [(typeof points)[0], (typeof points)[0], (typeof points)[0]];
  expect(points.map(({ backwardSteps }) => backwardSteps)).toEqual([2, 4, 12]);
  // Both questions, 2 and 8 steps after; the first alone; hardly any.
  expect(twelve.loss).toBeLessThan(0.1);
  expect(four.loss).toBeGreaterThan(2 * twelve.loss);
  expect(two.loss).toBeGreaterThan(four.loss);
  expect(two.loss).toBeLessThan(Math.LN2 + 0.05);
  for (const which of ['untrained', 'halfWay'] as const) {
    expect(twelve.cosine[which]).toBeGreaterThan(0.8);
    expect(two.cosine[which]).toBeLessThan(twelve.cosine[which]);
  }
  expect(two.peakBytes).toBeLessThan(four.peakBytes);
  expect(four.peakBytes).toBeLessThan(twelve.peakBytes);
});
