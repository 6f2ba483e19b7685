import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import changelog from '../src/changelog.js';
import { pendingChangesets, release } from '../src/release.js';
import { root } from '../src/workspace.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'to release '));
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('what is not committed is not released', async () => {
  writeFileSync(join(folder, 'new.txt'), '');
  await expect(release(folder)).rejects.toThrow(/of what is committed, and this is not:\n.*new\.txt/s);
});

test('changesets wait until a version has them', () => {
  mkdirSync(join(folder, '.changeset'));
  for (const name of ['README.md', 'config.json', 'a-change.md']) writeFileSync(join(folder, '.changeset', name), '');
  expect(pendingChangesets(folder)).toEqual(['a-change.md']);
});

test('the changelog has the sentences as they stand, and one line for the packages it goes with', async () => {
  expect(await changelog.getReleaseLine({ summary: 'One thing.\n\nAnother.\n' })).toBe('- One thing.\n  \n  Another.');
  const packages = [
    { name: '@tempograd/core', newVersion: '0.1.0' },
    { name: '@tempograd/nn', newVersion: '0.1.0' },
  ];
  expect(await changelog.getDependencyReleaseLine([], packages)).toBe(
    '- Goes with @tempograd/core 0.1.0, @tempograd/nn 0.1.0.',
  );
  expect(await changelog.getDependencyReleaseLine([], [])).toBe('');
});
