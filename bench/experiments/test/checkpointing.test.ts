import { expect, test } from 'vitest';
import { checkpointing } from '../src/checkpointing/checkpointing.js';

test('50 slots for steps run 1,000 steps forward 1,950 times in all, and give the bits of the full pass', async () => {
  const { slots, used, full, long } = await checkpointing.run({ size: 'small', seed: 1 });
  expect(slots).toHaveLength(1);
  expect(slots[0]).toMatchObject({ states: 'internal', slots: 50, forwardSteps: 1950, sameBits: true });
  expect(slots[0]!.expectedTime).toBeCloseTo(1.32, 2);
  expect(slots[0]!.memory).toBeLessThan(0.1);
  expect(full.seconds).toBeGreaterThan(0);
  const [whole, byDefault, within] = used;
  expect(whole!.forwardSteps).toBe(1000);
  expect(byDefault!.forwardSteps).toBeLessThan(2000);
  expect(within!.memory).toBeLessThanOrEqual(0.2);
  const [longest, budgeted] = long.points;
  expect(longest!.forwardSteps).toBe(2000);
  expect(budgeted!.memory).toBeLessThanOrEqual(0.1);
});
