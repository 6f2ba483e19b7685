import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * The files in which the packages' test runs left their counts.
 *
 * @param {string} root the folder of the workspace
 * @returns {Promise<string[]>}
 */
export async function countFiles(root) {
  const folders = [root];
  for (const group of ['packages', 'tooling', 'apps']) {
    if (!existsSync(join(root, group))) continue;
    for (const entry of await readdir(join(root, group))) folders.push(join(root, group, entry));
  }
  folders.push(...['attacks', 'bench', 'bench/experiments'].map((folder) => join(root, folder)));
  return folders.map((folder) => join(folder, 'test-results/counts.json')).filter((file) => existsSync(file));
}

/**
 * @param {readonly string[]} files
 * @returns {Promise<Counts>}
 */
export async function sumCounts(files) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) {
    /** @type {Counts} */
    const counts = JSON.parse(await readFile(file, 'utf8'));
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
  }
  return sum;
}

/**
 * @param {Counts} counts
 * @returns {string} `12 passed, 0 failed`, and what was skipped if anything was
 */
export function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
