import { expect, test } from 'vitest';
import { best, measuredLength, type MeasuredTask } from '../src/measuredLength/measuredLength.js';

test('the shortest length counts that is as good as any', () => {
  const losses = [4, 6, 8, 11].map((backwardSteps, at) => ({ backwardSteps, loss: [1, 0.5, 0.04, 0][at] as number }));
  expect(best(losses)).toBe(8);
  expect(best(losses.slice(0, 1))).toBe(4);
  expect(best(losses.map(({ backwardSteps }) => ({ backwardSteps, loss: 2 })))).toBe(4);
});

test('what advise measures is near the best of a sweep', async () => {
  const { tasks } = await measuredLength.run({ size: 'small', seed: 1 });
  const [{ losses, advised, best: found }] = tasks as readonly [MeasuredTask];
  expect(losses.map(({ backwardSteps }) => backwardSteps)).toEqual([4, 8, 12]);
  expect(Math.max(advised / found, found / advised), JSON.stringify(tasks)).toBeLessThanOrEqual(1.5);
  const { tables } = measuredLength.report({ updateEvery: 4, tasks });
  expect(tables[0]?.rows[0]?.slice(0, 3)).toEqual(['echo of 5', String(advised), String(found)]);
});
