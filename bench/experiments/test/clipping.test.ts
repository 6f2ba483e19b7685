import { expect, test } from 'vitest';
import { clipping } from '../src/clipping/clipping.js';

test('at one rate training diverges within a few updates without clipping, and learns with it', async () => {
  const { trainings, radius } = await clipping.run({ size: 'small', seed: 1 });
  expect(radius).toBe(1.2);
  const [free, clipped] = trainings;
  expect(free).toMatchObject({ clip: null, loss: null });
  expect(free!.divergedAt).toBeLessThan(60);
  expect(free!.largestNorm).toBeGreaterThan(1e6);
  expect(clipped).toMatchObject({ clip: { norm: 1 }, divergedAt: null });
  expect(clipped!.learningRate).toBe(free!.learningRate);
  // A constant has 0.167.
  expect(clipped!.loss).toBeLessThan(0.15);
});
