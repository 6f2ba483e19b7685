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

test('a text that is missing, too short or not asked for is told in a line', () => {
  const missing = command('cells-on-text', '--small', '--text', 'no-such.txt');
  expect(missing.code).toBe(1);
  expect(missing.error).toMatch(/^The text .*no-such\.txt cannot be read: ENOENT.* Check the path after --text\.\n$/);
  const short = command('cells-on-text', '--small', '--text', join(import.meta.dirname, '../tsconfig.json'));
  expect(short.error).toMatch(
    /tsconfig\.json has \d+ characters, of which a tenth is held out; give a text of 1000 at least\.\n$/,
  );
  const vain = command('parity', '--small', '--text', 'no-such.txt');
  expect([vain.code, vain.error]).toEqual([
    1,
    '--text is for experiments on text, cells-on-text; leave it out for parity.\n',
  ]);
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
