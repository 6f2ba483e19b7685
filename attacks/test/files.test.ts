import { expect, test } from 'vitest';
import { attackFiles } from '../src/index.js';

test('damaged files are refused by name, with nothing changed and nothing left, or read as what they were', async () => {
  const report = await attackFiles({ seed: 1, files: 600 });
  expect(report.failures).toEqual([]);
  const refusals = Object.values(report.refused).reduce((sum, count) => sum + count, 0);
  expect(refusals + report.same + report.other).toBe(600);
  // Both of the readers' errors were met, and so were files that are sound.
  expect(report.refused['SafetensorsError']).toBeGreaterThan(200);
  expect(report.refused['CheckpointError']).toBeGreaterThan(40);
  expect(report.other).toBeGreaterThan(10);
  expect(refusals).toBeGreaterThan(400);
});

test('the same seed damages the same files, and one can be repeated alone', async () => {
  const { slowestMilliseconds: _, ...report } = await attackFiles({ seed: 2, files: 20 });
  expect(await attackFiles({ seed: 2, files: 20 })).toMatchObject(report);
  const alone = await Promise.all([7, 8].map((from) => attackFiles({ seed: 2, files: 1, from })));
  expect(alone.map(({ files }) => files)).toEqual([1, 1]);
});
