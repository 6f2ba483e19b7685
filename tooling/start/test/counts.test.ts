import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { countFiles, formatCounts, sumCounts } from '../src/counts.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'counts '));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function put(folder: string, passed: number, failed: number, skipped: number): void {
  const file = join(root, folder, 'test-results/counts.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ passed, failed, skipped }));
}

test('the counts of all packages are added', async () => {
  put('packages/core', 10, 0, 1);
  put('packages/nn', 5, 2, 0);
  put('tooling/lint', 3, 0, 0);
  put('bench', 1, 0, 0);
  put('bench/experiments', 2, 0, 0);
  mkdirSync(join(root, 'packages/untested'));
  expect(await sumCounts(await countFiles(root))).toEqual({ passed: 21, failed: 2, skipped: 1 });
});

test('a workspace in which nothing ran counts nothing', async () => {
  expect(await sumCounts(await countFiles(root))).toEqual({ passed: 0, failed: 0, skipped: 0 });
});

test('the line of counts names what was skipped only if something was', () => {
  expect(formatCounts({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
  expect(formatCounts({ passed: 12, failed: 1, skipped: 3 })).toBe('12 passed, 1 failed, 3 skipped');
});
