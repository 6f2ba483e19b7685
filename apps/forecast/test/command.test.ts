import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** What `npm run forecast` runs once it has built it. */
const program = join(import.meta.dirname, '../dist/main.js');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forecast '));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the program, with numbers on its standard input where there are some. */
function forecast(args: readonly string[], input = ''): Promise<{ stdout: string; stderr: string }> {
  const running = promisify(execFile)(process.execPath, [program, ...args], { cwd: folder });
  running.child.stdin?.end(input);
  return running;
}

it('prints an honest table and draws a picture', async () => {
  const { stdout, stderr } = await forecast(['co2', '--epochs', '2', '--hidden', '4', '--horizon', '3']);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/CO₂ at Mauna Loa: 3 months ahead, held-out values/);
  for (const name of ['GRU', 'seasonal-naive', 'last value'])
    expect(stdout).toMatch(new RegExp(`^${name} +[\\d.]+`, 'm'));
  expect(stdout).toMatch(/forecast-co2\.svg/);
  expect(await readFile(join(folder, 'forecast-co2.svg'), 'utf8')).toMatch(/^<svg[^]*<\/svg>$/);
});

it('learns from standard input', async () => {
  const numbers = Array.from({ length: 12 }, (_, step) => Math.sin(step).toFixed(3)).join('\n');
  const { stdout } = await forecast(['--stream', '--hidden', '4'], numbers);
  const lines = stdout.trim().split('\n');
  expect(lines[0]).toBe('count\tvalue\tnext\tfrom\tto\terror/naive');
  expect(lines.at(-1)).toMatch(/^12\t-1\t-?[\d.]+\t/);
});

it('refuses in one line, and fails', async () => {
  await expect(forecast(['nowhere'])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^There is no series "nowhere": take co2 or seattle.*\n$/) as string,
  });
});
