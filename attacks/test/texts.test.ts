import { expect, test } from 'vitest';
import { attackTexts } from '../src/index.js';

test('texts of anything come back as they were, whole, in pieces and from a file', async () => {
  const report = await attackTexts({ seed: 1, texts: 4 });
  expect(report.failures).toEqual([]);
  expect(report.items).toBeGreaterThan(10_000);
});
