import { expect, test } from 'vitest';
import { attackStreams } from '../src/index.js';

test('streams that come, go, fork and rest get what each would get alone, and leave nothing behind', async () => {
  const report = await attackStreams({ seed: 1, models: 2 });
  expect(report.failures).toEqual([]);
  expect(report.streams).toBeGreaterThan(20);
});
