import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '@tempograd/nn';
import { expect, test } from 'vitest';
import { quick, rhyme, testFolder } from './support/folder.js';
import { eventsIn, lossesIn, tempogradInOne } from './support/tempograd.js';

const folder = testFolder();
const tempograd = tempogradInOne(folder);

const words = [...quick, '--unit', 'words', '--vocabulary', '16'];
/** All of the rhyme's words, marks and line breaks, and what is no word. */
const all = [
  '<unk>',
  '',
  ' ',
  'round',
  '—',
  '\n',
  '.',
  'The',
  'and',
  'of',
  'sea',
  'swam',
  'the',
  'whale',
  'Œuvre',
  '“',
  '”',
  '🐋',
];

test('a model of words is trained, trained for longer, and writes', async () => {
  const save = (name: string): string[] => ['--save', `${name}.safetensors`, '--json'];
  const whole = await tempograd([...words, '--updates', '60', ...save('whole')]);
  expect(whole).toMatchObject({ code: 0, stderr: '' });
  const [plan, done] = ['plan', 'done'].map((name) => eventsIn(whole.stdout).find(({ event }) => event === name));
  const items = 60 * 24;
  expect(plan).toMatchObject({
    items: { all: items, heldOut: Math.floor(items / 10) },
    vocabulary: 16,
    settings: { unit: 'words' },
  });
  expect(done).toMatchObject({ unit: 'words', heldOutBitsPerCharacter: null, uniformBitsPerItem: 4 });
  expect(done?.['heldOutUnknown']).toBeGreaterThan(10);
  const { metadata } = readSafetensors(readFileSync(join(folder.path, 'whole.safetensors')));
  expect(JSON.parse(metadata['vocabulary'] ?? '')).toMatchObject({ kind: 'words', unknown: '<unk>', lowercase: false });

  await tempograd([...words, '--updates', '30', ...save('part')]);
  const longer = await tempograd(['train', '--text', 'rhyme.txt', '--resume', '--updates', '5', ...save('part')]);
  expect(longer).toMatchObject({ code: 0, stderr: '' });
  expect(lossesIn(longer.stdout)[0]?.[0]).toBe(31);
  const other = await tempograd([...quick, '--resume', '--unit', 'bytes', ...save('part')]);
  expect(other.stderr).toMatch(/unit was words and is now bytes/);

  const sample = ['sample', 'whole.safetensors', '--prompt', 'The whale squid ', '--length', '8', '--seed', '1'];
  const written = await tempograd(sample);
  expect(written).toMatchObject({ code: 0, stderr: 'The model does not know "squid", and reads it as unknown.\n' });
  expect(written.stdout).toMatch(/^The whale squid\P{L}/u);
  expect(written.stdout).not.toContain('<unk>');
});

test('a model of all words says what a character costs', async () => {
  const { code, stdout } = await tempograd([
    ...quick,
    '--unit',
    'words',
    '--updates',
    '20',
    '--save',
    'all.safetensors',
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/text +rhyme\.txt: 1,440 words, marks and line breaks among them, the last\s+144\s+held out/);
  expect(stdout).toMatch(/linear to 18 different words/);
  const [, perWord, perCharacter] =
    /held out +([\d.]+) bits per word, a perplexity of [\d.]+,\s+([\d.]+)\s+bits\s+per\s+character,\s+over\s+all 128 words held out\n/.exec(
      stdout,
    ) ?? [];
  const { metadata } = readSafetensors(readFileSync(join(folder.path, 'all.safetensors')));
  expect(new Set((JSON.parse(metadata['vocabulary'] ?? '') as { words: string[] }).words)).toEqual(new Set(all));
  // 24 items a line, of so many characters.
  const characters = [...rhyme].length / 60;
  expect(Number(perWord) * 24).toBeCloseTo(Number(perCharacter) * characters, -0.5);
});

test('a model of bytes reads what is no text, and says what a character costs where it is one', async () => {
  folder.put(
    'bytes.bin',
    Uint8Array.from({ length: 3000 }, (_, index) => (index * index) % 251),
  );
  const { code, stderr } = await tempograd([...quick, '--text', 'bytes.bin', '--unit', 'bytes', '--updates', '3']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { stdout } = await tempograd([
    ...quick,
    '--unit',
    'bytes',
    '--updates',
    '3',
    '--save',
    'b.safetensors',
    '--json',
  ]);
  const done = eventsIn(stdout).find(({ event }) => event === 'done');
  const heldOut = Buffer.from(rhyme).subarray(-Math.floor(Buffer.byteLength(rhyme) / 10));
  const characters = heldOut.filter((byte) => (byte & 0xc0) !== 0x80).length;
  expect(done?.['heldOutBitsPerCharacter']).toBeCloseTo(
    (Number(done?.['heldOutBitsPerItem']) * heldOut.length) / characters,
    9,
  );
  expect((await tempograd(['sample', 'b.safetensors', '-p', 'Œ', '-n', '9'])).code).toBe(0);
});

test('a run whose words were others is not gone on with', async () => {
  await tempograd([...words, '--updates', '2', '--save', 'other.safetensors']);
  const file = join(folder.path, 'other.checkpoint.safetensors');
  const { tensors, metadata } = readSafetensors(readFileSync(file));
  const run = metadata['tempograd.run']?.replace(/"words":"[0-9a-f]{16}"/, '"words":"0"') ?? '';
  writeFileSync(file, writeSafetensors(tensors, { ...metadata, 'tempograd.run': run }));
  const { code, stderr } = await tempograd(['train', '--text', 'rhyme.txt', '--save', 'other.safetensors', '--resume']);
  expect(stderr).toMatch(
    /The words do not match: other\.checkpoint\.safetensors is a training on rhyme\.txt cut into other words/,
  );
  expect(code).toBe(1);
});

test('runs from before there were units and weight decay go on by characters, without it', async () => {
  await tempograd([...quick, '--updates', '4', '--save', 'old.safetensors']);
  for (const name of ['old.safetensors', 'old.checkpoint.safetensors']) {
    const file = join(folder.path, name);
    const { tensors, metadata } = readSafetensors(readFileSync(file));
    const run = metadata['tempograd.run']
      ?.replace('"unit":"characters","vocabulary":5000,', '')
      .replace(',"weightDecay":0', '');
    expect(run ?? '').not.toMatch(/unit|weightDecay/);
    const format = metadata['tempograd.format'] && { 'tempograd.format': 'character-model-1' };
    writeFileSync(file, writeSafetensors(tensors, { ...metadata, ...format, ...(run && { 'tempograd.run': run }) }));
  }
  expect(await tempograd(['sample', 'old.safetensors', '-n', '5'])).toMatchObject({ code: 0, stderr: '' });
  const args = ['train', '--text', 'rhyme.txt', '--save', 'old.safetensors', '--resume', '--updates', '2'];
  expect(await tempograd(args)).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  [['--unit', 'syllables'], 2, /Allowed choices are characters, words, bytes/],
  [['--vocabulary', '50'], 2, /the text is read by characters\. Add --unit words/],
  [['--unit', 'words', '--vocabulary', '4'], 2, /It must be a whole number of at least 5/],
])('%j is refused', async (options, expected, message) => {
  const { code, stderr } = await tempograd([...quick, ...options]);
  expect(stderr).toMatch(message);
  expect(code).toBe(expected);
});

test('a text whose words all differ is told', async () => {
  folder.put('list.txt', Array.from({ length: 300 }, (_, index) => `w${index}`).join(' '));
  const { code, stderr } = await tempograd([...quick, '--text', 'list.txt', '--unit', 'words']);
  expect(stderr).toMatch(/The text list\.txt has no words to learn\. .*no word occurs 2 times/);
  expect(code).toBe(1);
});
