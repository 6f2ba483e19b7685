import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { textTable } from '../src/command/textTable.js';
import { experiments } from '../src/experiments.js';

const program = join(import.meta.dirname, '../dist/main.js');

function command(...args: string[]): { code: number | null; out: string; error: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, error: stderr };
}

test('names are those of files, and each is there once', () => {
  const names = experiments.map(({ name }) => name);
  for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  expect(new Set(names).size).toBe(names.length);
});

test('without a name the command lists all, and a wrong name is told beside them', () => {
  const { out, code } = command();
  expect(code).toBe(0);
  for (const { name, title } of experiments) expect(out).toMatch(new RegExp(`${name} .*${title}`));
  const wrong = command('no-such', '--small');
  expect(wrong.code).toBe(1);
  expect(wrong.error).toContain('There is no experiment "no-such". There are:\n  influence-balancing');
});

test('a table stands in columns', () => {
  const table = {
    title: 'Heights',
    heading: ['who', 'm'],
    rows: [
      ['Ann', '1.7'],
      ['B', '12'],
    ],
  };
  expect(textTable(table)).toBe('Heights\n  who  m\n  Ann  1.7\n  B    12');
});
