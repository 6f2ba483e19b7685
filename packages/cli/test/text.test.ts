import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { characterVocabulary, readSafetensors, writeSafetensors } from '@tempograd/nn';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Failure } from '../src/Failure.js';
import { describePlan } from '../src/present/describePlan.js';
import { shownReading } from '../src/present/progressLine.js';
import type { Reading } from '../src/present/TrainView.js';
import type { TrainPlan } from '../src/training/runPlan.js';
import { readText } from '../src/text/readText.js';
import { quick, rhyme, testFolder } from './support/folder.js';
import { eventsIn, lossesIn, tempograd, tempogradInOne } from './support/tempograd.js';

const folder = testFolder();
const inOne = tempogradInOne(folder);

afterEach(() => {
  vi.restoreAllMocks();
});

/** Nobody stops anything. */
const calm = { signal: new AbortController().signal, exitCode: null };

test('a byte order mark and other line ends change nothing', async () => {
  folder.put('marked.txt', `\uFEFF${rhyme.replaceAll('\n', '\r\n')}`);
  const args = (text: string): string[] => [
    ...quick,
    '--text',
    text,
    '--updates',
    '20',
    '--json',
    '--save',
    `${text}.model`,
  ];
  const [plain, marked] = [await inOne(args('rhyme.txt')), await inOne(args('marked.txt'))];
  expect(lossesIn(plain.stdout)).toHaveLength(20);
  expect(lossesIn(marked.stdout)).toEqual(lossesIn(plain.stdout));
  const [expected, given] = [plain, marked].map(({ stdout }) => eventsIn(stdout).find(({ event }) => event === 'plan'));
  expect(expected?.['text']).toMatchObject({ title: 'rhyme.txt' });
  expect(given?.['text']).toEqual({ ...(expected?.['text'] as object), title: 'marked.txt' });
});

test('memory does not grow with the text', async () => {
  folder.put('long.txt', 'how much wood would a woodchuck chuck 🐋\r\n'.repeat(1_000_000));
  const built = join(import.meta.dirname, '../dist/main.js');
  folder.put(
    'measured.mjs',
    `process.on('exit', () => console.error(process.resourceUsage().maxRSS)); await import(${JSON.stringify(built)});`,
  );
  const options = [
    'train',
    '--text',
    'long.txt',
    '--backend',
    'js',
    '--hidden',
    '2',
    '--embedding',
    '2',
    '--updates',
    '3',
    '--json',
  ];
  const { code, stdout, stderr } = await tempograd(folder.path, options, undefined, join(folder.path, 'measured.mjs'));
  expect(code).toBe(0);
  const plan = eventsIn(stdout).find(({ event }) => event === 'plan');
  expect(plan?.['items']).toEqual({ all: 40_000_000, training: 39_000_000, heldOut: 1_000_000 });
  expect(describePlan(plan as unknown as TrainPlan)).toMatch(
    /the last\s+1,000,000 held out \(a\s+million at most, where a tenth is\s+more\)/,
  );
  expect(Number(stderr) / 1024).toBeLessThan(260);
});

test('memory does not grow with a text of words', async () => {
  const lines = Array.from({ length: 10_000 }, (_, line) => `how much wood would woodchuck ${line} chuck 🐋\r\n`);
  folder.put('words.txt', lines.join('').repeat(25));
  const program = join(import.meta.dirname, 'programs/readWords.js');
  // The items of the text as texts or in a list of numbers would need more.
  const heap = { NODE_OPTIONS: '--max-old-space-size=16' };
  const { code, stdout } = await tempograd(folder.path, ['words.txt'], undefined, program, heap);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '2250000 items, 10011 words, 2250000 read\n' });
});

test.each([
  ['what it says', /never/, 1_200_000, 120_000],
  ['a tenth, where it says nothing', /,"heldOut":120000/, 1_200_000, 120_000],
  ['a tenth of a long text too, where it says nothing', /,"heldOut":1000000/, 12_000_000, 1_200_000],
])(
  'a training that goes on holds out %s',
  async (_name, forgotten, length, heldOut) => {
    folder.put('cut.txt', 'abcdefghijkl'.repeat(length / 12));
    const options = ['train', '--text', 'cut.txt', '--backend', 'js', '--hidden', '2', '--embedding', '2', '--json'];
    await inOne([...options, '--updates', '2']);
    const file = join(folder.path, 'cut.checkpoint.safetensors');
    const { tensors, metadata } = readSafetensors(readFileSync(file));
    const run = metadata['tempograd.run']?.replace(forgotten, '') ?? '';
    writeFileSync(file, writeSafetensors(tensors, { ...metadata, 'tempograd.run': run }));
    const { stdout } = await inOne([...options, '--resume', '--updates', '2']);
    const plan = eventsIn(stdout).find(({ event }) => event === 'plan');
    expect(plan).toMatchObject({ done: 2, items: { all: length, heldOut } });
  },
  120_000,
);

test.each([
  ['short', 100_000, null],
  ['long', 200_000, /long\.txt was changed since it was gone over/],
])('of a %s text that changes meanwhile, nothing else is read', async (name, repetitions, message) => {
  const file = join(folder.path, folder.put(`${name}.txt`, 'so much depends upon '.repeat(repetitions)));
  const text = await readText(file, 'characters', { interrupt: calm, reading() {} });
  const vocabulary = characterVocabulary([...text.counts.keys()].join(''));
  const items = await text.items(vocabulary);
  folder.put(`${name}.txt`, 'a red wheelbarrow '.repeat(repetitions));
  if (message !== null) await expect(items.read(7, 14)).rejects.toThrow(message);
  else expect(vocabulary.decode(await items.read(8, 15))).toBe('depends');
  await text.close();
});

test.each([
  ['to learn', ['--steps', '9000', '--batch', '1'], 2],
  ['held out', ['--steps', '8', '--batch', '8'], 4],
])('a text that changes is told, with what was learnt kept, where it is read %s', async (_name, options, update) => {
  const line = 'so much depends upon ';
  folder.put('changing.txt', line.repeat(200_000));
  const args = ['train', '--text', 'changing.txt', '--backend', 'js', '--hidden', '2', '--embedding', '2', '--json'];
  const { code, stdout, stderr } = await tempograd(folder.path, [...args, ...options, '--updates', '100'], (soFar) => {
    if (soFar.includes('"event":"progress"')) folder.put('changing.txt', 'a red wheelbarrow '.repeat(200_000));
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/The training ended after update \d+, since its text could not be read: \S+ was changed/);
  expect(stderr).toMatch(
    /changing\.checkpoint\.safetensors is whole and holds the training after update \d+; with the text/,
  );
  const steps = lossesIn(stdout).length;
  expect(steps).toBeGreaterThanOrEqual(update - 1);
  expect(stderr).toContain(`holds the training after update ${steps}`);
  folder.put('changing.txt', line.repeat(200_000));
  const resumed = await tempograd(folder.path, [...args, '--resume'], (soFar, child) => {
    if (soFar.includes('"event":"plan"')) child.kill('SIGTERM');
  });
  expect(eventsIn(resumed.stdout).find(({ event }) => event === 'plan')).toMatchObject({ done: steps });
});

describe('reading a text', () => {
  test('is shown where it takes longer than a second', async () => {
    folder.put('long.txt', 'a'.repeat(4 << 20));
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 400));
    const shown: Reading[] = [];
    const text = await readText(join(folder.path, 'long.txt'), 'characters', {
      interrupt: calm,
      reading: (reading) => shown.push(reading),
    });
    await text.close();
    expect(shown).toEqual([
      { title: 'long.txt', bytes: 3 << 20, of: 4 << 20 },
      { title: 'long.txt', bytes: 4 << 20, of: 4 << 20 },
    ]);
  });

  test('can be stopped, with the exit code of the signal', async () => {
    folder.put('long.txt', 'a'.repeat(4 << 20));
    const controller = new AbortController();
    controller.abort();
    const stopped = readText(join(folder.path, 'long.txt'), 'characters', {
      interrupt: { signal: controller.signal, exitCode: 143 },
      reading() {},
    });
    await expect(stopped).rejects.toThrow(Failure);
    await expect(stopped).rejects.toMatchObject({ exitCode: 143, message: expect.stringContaining('Stopped while') });
  });

  test('is a bar with what has been read, as wide as the terminal has room', () => {
    const reading = shownReading({ title: 'long.txt', bytes: 50e6, of: 200e6 });
    expect(reading.line()).toBe('Reading long.txt · 50.0 MB of 200.0 MB');
    expect(reading.bar(100)).toBe(`${'█'.repeat(10)}${'░'.repeat(30)} Reading long.txt · 50.0 MB of 200.0 MB`);
    expect(reading.bar(20)).toBe(`${'█'.repeat(5)}${'░'.repeat(15)}`);
    for (const columns of [0, 1, 30, 46, 49, 80]) expect([...reading.bar(columns)].length).toBeLessThanOrEqual(columns);
  });
});
