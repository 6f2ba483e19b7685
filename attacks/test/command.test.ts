import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attackCommand } from '../src/index.js';

const main = join(import.meta.dirname, '../../packages/cli/dist/main.js');

test('the command line refuses damaged files with a sentence, or uses them', async () => {
  const report = await attackCommand({ seed: 1, files: 8, main });
  expect(report.failures).toEqual([]);
  expect(report.exits['1']).toBeGreaterThan(3);
});

test('a command that does not run is no success', async () => {
  const attack = attackCommand({ seed: 1, files: 1, main: join(import.meta.dirname, 'none.js') });
  await expect(attack).rejects.toThrow(/build it first/);
});
