import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

/** Runs the tests of a fixture with vitest, and gives its exit code and the counts it left. */
function runFixture(name: string, env: Record<string, string> = {}): { status: number | null; counts: unknown } {
  const cwd = join(import.meta.dirname, 'fixtures', name);
  const { status } = spawnSync(process.execPath, [vitest, 'run'], { cwd, env: { ...process.env, ...env } });
  return { status, counts: JSON.parse(readFileSync(join(cwd, 'test-results/counts.json'), 'utf8')) };
}

test('a run leaves the counts of its tests, and a file that cannot be loaded counts as failed', () => {
  expect(runFixture('mixed')).toEqual({ status: 1, counts: { passed: 2, failed: 2, skipped: 1 } });
});

test('without a browser one skipped test says so', () => {
  expect(runFixture('no-browser', { REQUIRE_BROWSER: '' })).toEqual({
    status: 0,
    counts: { passed: 0, failed: 0, skipped: 1 },
  });
});

test('without a browser, where one is required, a test fails', () => {
  expect(runFixture('no-browser', { REQUIRE_BROWSER: '1' })).toEqual({
    status: 1,
    counts: { passed: 0, failed: 1, skipped: 0 },
  });
});
