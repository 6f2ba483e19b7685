import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keptPlaces } from '../src/command/places.js';
import { readResult } from '../src/command/Result.js';
import { experiments } from '../src/experiments.js';

const pagesFolder = join(import.meta.dirname, '../../../docs/experiments');

/** Rows of the tables of a page, without the room that aligns them. */
function rowsOf(page: string): string[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .join('|'),
    );
}

describe.each(experiments)('the page of $name', ({ name, report }) => {
  const page = readFileSync(join(pagesFolder, `${name}.md`), 'utf8');
  const kept = readResult(name, keptPlaces);

  test('has the figures that are kept, row by row', () => {
    expect(kept).toMatchObject({ format: 'tempograd-experiment', version: 1, experiment: name, size: 'full' });
    const { tables } = report(kept.figures);
    const wanted = tables.flatMap(({ heading, rows }) => [heading, ...rows]).map((row) => `|${row.join('|')}|`);
    expect(wanted.filter((row) => !rowsOf(page).includes(row))).toEqual([]);
  });

  test('shows its pictures, says how to run it, and is in the index', () => {
    for (const picture of Object.keys(report(kept.figures).charts)) {
      expect(picture === name || picture.startsWith(`${name}-`)).toBe(true);
      expect(page).toContain(`](../images/experiments/${picture}.svg)`);
      expect(existsSync(join(keptPlaces.pictures, `${picture}.svg`))).toBe(true);
    }
    expect(page).toContain(`npm run experiment -- ${name}`);
    expect(readFileSync(join(pagesFolder, 'README.md'), 'utf8')).toContain(`](${name}.md)`);
  });
});

test('nothing is kept of an experiment that is no more', () => {
  const names = new Set(experiments.map(({ name }) => name));
  const known = (file: string): boolean =>
    file === 'README.md' || [...names].some((name) => file.startsWith(`${name}.`) || file.startsWith(`${name}-`));
  const files = [pagesFolder, keptPlaces.pictures, keptPlaces.results].flatMap((folder) => readdirSync(folder));
  expect(files.filter((file) => !known(file))).toEqual([]);
});

test('figures that are not there are asked for', () => {
  expect(() => readResult('no-such', keptPlaces)).toThrow('does not hold figures of no-such: run it first');
  expect(() => readResult('clipping', { ...keptPlaces, results: pagesFolder })).toThrow('run it first');
});
