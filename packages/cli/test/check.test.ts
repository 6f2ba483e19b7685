import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { testFolder } from './support/folder.js';
import { eventsIn, tempogradInOne } from './support/tempograd.js';

const folder = testFolder();
const tempograd = tempogradInOne(folder);
const reference = pathToFileURL(join(import.meta.dirname, '../../backend-js/dist/index.js')).href;

test('a backend that is right conforms, with a table and a report', async () => {
  const { code, stdout } = await tempograd([
    'check',
    '--backend',
    'js',
    '--op',
    'tanh',
    'matmul',
    '--report',
    'r.html',
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/elementwise +\d+/);
  expect(stdout).toMatch(/js conforms · \d+ cases against js/);
  expect(readFileSync(join(folder.path, 'r.html'), 'utf8')).toMatch(/^<!doctype html>/);
});

test('a backend that is wrong does not', async () => {
  folder.put(
    'wrong.mjs',
    `import { createBackend as reference } from ${JSON.stringify(reference)};
    export function createBackend() {
      const right = reference();
      return { ...right, name: 'wrong', unary: (op, x) => right.unary(op === 'tanh' ? 'sigmoid' : op, x) };
    }`,
  );
  const args = ['check', '--backend', './wrong.mjs', '--op', 'tanh', '--json'];
  const { code, stdout } = await tempograd(args);
  expect(code).toBe(1);
  const [report] = eventsIn(stdout) as unknown as [{ outcomes: { op: string; status: string }[] }];
  expect(report.outcomes.filter(({ status }) => status === 'failed').length).toBeGreaterThan(0);
  const shown = await tempograd(args.slice(0, -1));
  expect(shown.code).toBe(1);
  expect(shown.stdout).toMatch(/wrong does not conform: \d+ cases? failed/);
});
