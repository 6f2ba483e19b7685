import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GradientHealth } from '@tempograd/nn';
import { beforeAll, describe, expect, test } from 'vitest';
import { quick, testFolder } from './support/folder.js';
import { eventsIn, tempogradInOne } from './support/tempograd.js';

const folder = testFolder();
const tempograd = tempogradInOne(folder);
const inspect = (...args: string[]): ReturnType<typeof tempograd> => tempograd(['inspect', ...args, '--backend', 'js']);
const read = (name: string): string => readFileSync(join(folder.path, name), 'utf8');

interface Figures {
  readonly page: string;
  readonly model: Record<string, unknown>;
  readonly loss: { bitsPerItem: number; byPosition: { from: number; to: number; bits: number }[] };
  readonly reach: { byLag: number[]; kept: { length: number; steps: number; chunks: number }[] };
  readonly credit: { norms: number[][]; chunk: number; asTrained: boolean; items: string[] };
  readonly health: GradientHealth;
  readonly findings: { verdict: string; title: string; detail: string }[];
}

beforeAll(async () => {
  await tempograd([...quick, '--updates', '100', '--save', 'model.safetensors']);
  await tempograd([
    ...quick,
    '--updates',
    '2',
    '--save',
    'words.safetensors',
    '--unit',
    'words',
    '--cell',
    'gru',
    '--layers',
    '2',
  ]);
});

test('a page stands alone, and a summary tells what is on it', async () => {
  const { code, stdout, stderr } = await inspect(
    'model.safetensors',
    'rhyme.txt',
    '--steps',
    '24',
    '--out',
    'page.html',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Gradient health of model.safetensors');
  expect(stdout).toMatch(/LSTM of 12: [\d,]+ parameters/);
  expect(stdout).toContain('It has learnt this text');
  expect(stdout).toMatch(/The page: file:\/\/.*page\.html/);
  const page = read('page.html');
  expect(page).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
    /https?:|<script|<link rel="style|@import|url\(/,
  );
  for (const heading of [
    'What stands out',
    'How far gradients reach',
    'The credit matrix',
    'What context is worth',
    'Gates, states and parameters',
  ]) {
    expect(page).toContain(`<h2>${heading}</h2>`);
  }
  expect(page.match(/<svg /g)?.length).toBe(7);
  expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
  expect(page.length).toBeLessThan(200_000);
});

test('--json gives every figure, and they belong together', async () => {
  const { stdout } = await inspect('model.safetensors', 'rhyme.txt', '--steps', '24', '--json');
  const [figures] = eventsIn(stdout) as unknown as [Figures];
  expect(figures).toMatchObject({ event: 'inspection', page: 'model.health.html', backend: 'js' });
  expect(existsSync(join(folder.path, 'model.health.html'))).toBe(true);
  expect(figures.model).toMatchObject({ unit: 'characters', cell: 'LSTM', layers: 1, hidden: 12 });
  expect(figures.model['training']).toMatchObject({ updates: 100, steps: 8 });
  const { loss, reach, credit, health } = figures;
  expect(loss.bitsPerItem).toBeGreaterThan(0);
  // Each position is in one piece.
  expect(loss.byPosition.map(({ from }) => from)).toEqual([0, ...loss.byPosition.slice(0, -1).map(({ to }) => to)]);
  expect(loss.byPosition.at(-1)?.to).toBe(74);
  expect(reach.byLag).toHaveLength(24);
  for (const { steps, chunks } of reach.kept) expect(0 < chunks && chunks <= steps && steps <= 1).toBe(true);
  expect(credit).toMatchObject({ chunk: 8, asTrained: true });
  expect(credit.norms).toHaveLength(24);
  credit.norms.forEach((row, s) => row.forEach((norm, t) => expect(norm > 0).toBe(t <= s)));
  expect(credit.items).toHaveLength(24);
  expect(health.layers).toHaveLength(1);
  expect(health.layers[0]?.byLag).toHaveLength(24);
  expect(health.layers[0]?.byTime).toHaveLength(24);
  expect(health.layers[0]?.spectralRadius).toBeGreaterThan(0);
  expect(health.lyapunov).toHaveLength(1);
  expect(health.cosine).toBeGreaterThan(0);
  expect(health.cosine).toBeLessThan(1);
  expect(Object.keys(health.layers[0]?.saturation ?? {})).toEqual(['i', 'f', 'g', 'o']);
});

test('a model of words, of two layers, is inspected too, with a text that has words it does not know', async () => {
  folder.put('other.txt', 'The whale swam by a harpoon, and round the sea. '.repeat(40));
  const { code, stdout } = await inspect('words.safetensors', 'other.txt', '--steps', '12', '--json');
  expect(code).toBe(0);
  const [{ credit, health, findings, model }] = eventsIn(stdout) as unknown as [Figures];
  expect(model).toMatchObject({ unit: 'words', recurrence: '2 layers of GRU of 12' });
  expect(credit.items).toEqual([]);
  expect(health.layers.map(({ name }) => name)).toEqual(['rnn.l0', 'rnn.l1']);
  // It was hardly trained.
  expect(findings.filter(({ verdict }) => verdict === 'bad')).not.toHaveLength(0);
});

describe('what cannot be inspected is told in words, and no page is touched', () => {
  beforeAll(() => {
    folder.put('short.txt', 'The whale swam.');
    folder.put('foreign.txt', 'ыъэ'.repeat(500));
    folder.put('noise.safetensors', new Uint8Array(100).fill(7));
    folder.put('kept.html', 'an earlier page');
    const bytes = readFileSync(join(folder.path, 'model.safetensors'));
    writeFileSync(join(folder.path, 'flipped.safetensors'), bytes.with(bytes.length - 1, 1 ^ (bytes.at(-1) as number)));
  });

  test.each<[what: string, args: string[], code: number, message: RegExp]>([
    [
      'a model that is missing',
      ['no.safetensors', 'rhyme.txt'],
      1,
      /model no\.safetensors cannot be read: there is no such file/,
    ],
    [
      'a model that is none',
      ['noise.safetensors', 'rhyme.txt'],
      1,
      /model noise\.safetensors is damaged or no safetensors file/,
    ],
    ['a model that is damaged', ['flipped.safetensors', 'rhyme.txt'], 1, /flipped\.safetensors is damaged/],
    [
      'a checkpoint',
      ['model.checkpoint.safetensors', 'rhyme.txt'],
      1,
      /not a model of `tempograd train`\. It is a checkpoint/,
    ],
    [
      'a text that is missing',
      ['model.safetensors', 'no.txt'],
      1,
      /text no\.txt cannot be read: there is no such file/,
    ],
    [
      'a text that is too short',
      ['model.safetensors', 'short.txt'],
      1,
      /short\.txt is too short to look at: .* Give a longer text, or fewer --steps/,
    ],
    [
      'a text of another language',
      ['model.safetensors', 'foreign.txt'],
      1,
      /foreign\.txt does not match the model model\.safetensors\./,
    ],
    [
      'a page that is none',
      ['model.safetensors', 'rhyme.txt', '--out', 'page.pdf'],
      2,
      /must end in \.html, but is "page\.pdf"/,
    ],
    [
      'a page in a place that cannot be written',
      ['model.safetensors', 'rhyme.txt', '--out', 'rhyme.txt/page.html'],
      1,
      /page\.html cannot be written/,
    ],
    ['no steps', ['model.safetensors', '--steps', '0'], 2, /whole number of at least 2/],
    ['no model', [], 2, /missing required argument 'model'/],
  ])('%s', async (_, args, code, message) => {
    const own = args.includes('--out') ? args : [...args, '--out', 'kept.html'];
    const before = readdirSync(folder.path).sort();
    const finished = await inspect(...own);
    expect(finished.stderr).toMatch(message);
    expect(finished.code).toBe(code);
    expect(readdirSync(folder.path).sort()).toEqual(before);
    expect(read('kept.html')).toBe('an earlier page');
  });

  test('--no-verify looks at a model that is damaged', async () => {
    const { code } = await inspect(
      'flipped.safetensors',
      'rhyme.txt',
      '--steps',
      '5',
      '--no-verify',
      '--out',
      'flipped.html',
    );
    expect(code).toBe(0);
  });
});
