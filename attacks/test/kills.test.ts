import { expect, test } from 'vitest';
import { attackKills } from '../src/index.js';

test('trainings killed at any moment go on to the bit, with every file whole or absent', async () => {
  const report = await attackKills({ seed: 1, kills: 4 });
  expect(report.failures).toEqual([]);
  expect(report.kills).toBe(4);
  expect(report.resumed).toBeGreaterThan(0);
  expect(report.completed).toBeGreaterThan(0);
});
