import { expect, test } from 'vitest';
import { optimalTheta } from '../src/influenceBalancing/balancingTask.js';
import { influenceBalancing } from '../src/influenceBalancing/influenceBalancing.js';

test('the sign is right from 41 steps back, from 110 with all losses of a chunk; chunks of 100 go the wrong way or crawl', async () => {
  const { firstRight, signs, trainings } = await influenceBalancing.run({ size: 'small', seed: 1 });
  expect(firstRight).toEqual({ lastLoss: 41, allLosses: 110 });
  // At rest s₀ = −3 and ds₀/dθ = −6; one step back sees ds₀/dθ = 1 instead.
  expect(signs.full).toBe(24);
  const {
    'chunks of 10': short,
    'chunks of 100': chunks,
    '50 steps, 100 back': long,
    'artbp, 100 on average': artbp,
    'telescoping, 100 on average': telescoping,
  } = Object.fromEntries(trainings.map((training) => [training.name, training]));
  expect(short!.theta).toBeGreaterThan(1);
  expect(chunks!.loss).toBeGreaterThan(1);
  for (const unbiased of [artbp, telescoping]) expect(unbiased!.theta).toBeCloseTo(optimalTheta, 1);
  expect(long!.theta).toBeCloseTo(optimalTheta, 2);
  expect(long!.ended).toBe('there');
});
