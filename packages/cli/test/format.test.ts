import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { commandLine } from '../src/present/commandLine.js';
import { terminalWidth } from '../src/present/format.js';
import { trainTerminal } from '../src/present/trainTerminal.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

test.each([
  [120, 120],
  [10, 20],
  [0, 80],
  [undefined, 80],
])('a terminal of %s columns is written to as if it had %s', (columns, width) => {
  vi.stubGlobal('process', { ...process, stdout: { isTTY: true, columns } });
  expect(terminalWidth()).toBe(width);
});

test.each([
  ['npx', '/x/node_modules/.bin/tempograd', 'npx @tempograd/cli'],
  ['', '/x/node_modules/.bin/tempograd', 'tempograd'],
  ['', 'dist/main.js', 'node dist/main.js'],
])('what to write next works where the command was started: %s %s', (event, script, expected) => {
  vi.stubEnv('npm_lifecycle_event', event);
  vi.stubGlobal('process', { ...process, argv: ['node', script], cwd: process.cwd, env: process.env });
  expect(commandLine('sample', "it's.safetensors")).toBe(`${expected} sample 'it'\\''s.safetensors'`);
});

describe('on a narrow terminal', () => {
  const shown: string[] = [];
  beforeEach(() => {
    shown.length = 0;
    const stdout = { isTTY: true, columns: 40, write: (text: string) => shown.push(text) };
    vi.stubGlobal('process', { ...process, stdout, env: process.env });
  });

  test('every line of a look at the model fits', () => {
    const sample = 'word '.repeat(40);
    trainTerminal('').milestone({ unit: 'characters', update: 1, updates: 8, heldOutBitsPerItem: 4.453, sample });
    const lines = stripVTControlCharacters(shown.join('')).split('\n');
    expect(lines.slice(0, 2)).toEqual(['After 13% · 4.45 bits per character on', 'held-out text']);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(40);
  });

  test('a stop says what is still done, which before the first update is nothing', () => {
    const view = trainTerminal('');
    view.stopping();
    expect(shown.join('')).toBe('\nStopping, before anything is trained.\n');
  });
});
