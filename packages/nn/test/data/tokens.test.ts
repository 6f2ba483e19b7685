import fc from 'fast-check';
import { Tiktoken } from 'js-tiktoken/lite';
import gpt2 from 'js-tiktoken/ranks/gpt2';
import { describe, expect, test } from 'vitest';
import {
  DataError,
  tokenizerVocabulary,
  vocabularyFromJson,
  type Tokenizer,
  type VocabularyJson,
} from '../../src/index.js';

const published = new Tiktoken(gpt2);

/** A tokenizer of npm, as a user would hand it in. */
const tokenizer: Tokenizer = {
  name: 'gpt2',
  size: 50_257,
  encode: (text) => published.encode(text, [], []),
  decode: (ids) => published.decode(ids),
  end: 50_256,
};

/** Words with their space before them, and whose text of a part depends on what is before it, as with SentencePiece. */
const pieces = ['▁so', '▁much', '▁depends', '▁', 's', '▁up', 'on'];
const sentencePieces: Tokenizer = {
  name: 'pieces',
  size: pieces.length,
  encode: (text) =>
    `▁${text}`
      .replaceAll(' ', '▁')
      .match(/▁?(so|much|depends|up)|▁|s|on/g)!
      .map((piece) => pieces.indexOf(piece)),
  decode: (ids) =>
    ids
      .map((id) => pieces[id])
      .join('')
      .replaceAll('▁', ' ')
      .replace(/^ /, ''),
};

/** The bytes of a text, two of which may be one number; gives bytes. */
const bytePairs: Tokenizer = {
  name: 'pairs',
  size: 65_792,
  encode: (text) => {
    const bytes = new TextEncoder().encode(text);
    const ids: number[] = [];
    for (let at = 0; at < bytes.length; at += 2)
      ids.push(at + 1 < bytes.length ? 256 + 256 * bytes[at]! + bytes[at + 1]! : bytes[at]!);
    return Uint32Array.from(ids);
  },
  decode: (ids) => Uint8Array.from(ids.flatMap((id) => (id < 256 ? [id] : [(id - 256) >> 8, (id - 256) & 255]))),
};

const text =
  'So much depends upon a red wheelbarrow — “glazed” with 雨 water 🐋🏴‍☠️, beside the white chickens.\n\nZürich';
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom('so', ' ', ' much', '.', '\n', "'s", '1', '🐋', '雨', 'é', '\uFFFD', ' 𝒳', '𝒳 a'),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

describe('a published tokenizer', () => {
  const vocabulary = tokenizerVocabulary(tokenizer);

  test('is a vocabulary of tokens', () => {
    expect(vocabulary).toMatchObject({ kind: 'tokens', size: 50_257, start: undefined, end: 50_256 });
    expect(vocabulary.decode(vocabulary.encode(text))).toBe(text);
    expect(vocabulary.encode('')).toHaveLength(0);
    expect(vocabulary.decode([])).toBe('');
  });

  test('gives text back one number after the other, in whole characters', () => {
    fc.assert(
      fc.property(texts, fc.nat(8), (given, cut) => {
        const ids = vocabulary.encode(given);
        const decoding = vocabulary.decoding(ids.subarray(0, cut));
        const shown = Array.from(ids.subarray(cut), (id) => decoding.push(id));
        const whole = vocabulary.decode(ids);
        const before = vocabulary.decode(ids.subarray(0, cut));
        // A character that is cut by what came before is not shown again.
        if (!before.endsWith('\uFFFD')) expect(before + shown.join('') + decoding.end()).toBe(whole);
        if (!given.includes('\uFFFD') && !before.endsWith('\uFFFD')) expect(shown.join('')).not.toContain('\uFFFD');
      }),
    );
  });

  test('gives the same numbers of pieces cut anywhere', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat(9), { maxLength: 12 }), (given, sizes) => {
        const encoding = vocabulary.encoding();
        const bytes = new TextEncoder().encode(given);
        const ids: number[] = [];
        let at = 0;
        for (const size of [...sizes, bytes.length]) ids.push(...encoding.push(bytes.subarray(at, (at += size))));
        if (!given.startsWith('\uFEFF')) expect([...ids, ...encoding.end()]).toEqual([...vocabulary.encode(given)]);
      }),
    );
    const encoding = vocabulary.encoding();
    expect(encoding.push(text).length).toBeGreaterThan(10);
  });

  test('is handed in again where a file names it', () => {
    const json = JSON.parse(JSON.stringify(vocabulary)) as VocabularyJson;
    expect(json).toEqual({ kind: 'tokens', tokenizer: 'gpt2', size: 50_257, start: null, end: 50_256 });
    expect([...vocabularyFromJson(json, { tokenizer }).encode(text)]).toEqual([...vocabulary.encode(text)]);
    const { end, ...endless } = tokenizer;
    expect(vocabularyFromJson(json, { tokenizer: endless }).end).toBe(end);
    expect(() => vocabularyFromJson(json)).toThrow(
      'it was the tokenizer "gpt2" of 50257 items, which is not in the file. Hand it in, as the option { tokenizer: { name, size, encode, decode } }.',
    );
    expect(() => vocabularyFromJson(json, { tokenizer: sentencePieces })).toThrow(
      'it was the tokenizer "gpt2" of 50257 items, but the one given is "pieces" of 7.',
    );
    expect(() => vocabularyFromJson({ ...json, start: -1 } as VocabularyJson, { tokenizer })).toThrow(
      /start must be a number from 0/,
    );
    expect(() => vocabularyFromJson({ ...json, size: 0.5 } as VocabularyJson, { tokenizer })).toThrow(
      /size a whole number/,
    );
    expect(() => vocabularyFromJson(json, { tokenizer: {} as Tokenizer })).toThrow(
      /tokenizer must be a tokenizer, \{ name/,
    );
  });
});

test.each([
  ['text that depends on what is before', sentencePieces, 'so much depends upon so much so'],
  ['bytes', bytePairs, text],
])('a tokenizer that gives %s gives it back one by one, going on anywhere', (_, given, line) => {
  const vocabulary = tokenizerVocabulary(given);
  const long = Array.from({ length: 30 }, () => line).join(' ');
  const ids = vocabulary.encode(long);
  expect(vocabulary.decode(ids)).toBe(long);
  const decoding = vocabulary.decoding();
  expect(Array.from(ids, (id) => decoding.push(id)).join('') + decoding.end()).toBe(long);
  if (given !== sentencePieces) return;
  for (let cut = 0; cut < 20; cut++) {
    const { push } = vocabulary.decoding(ids.subarray(0, cut));
    expect(vocabulary.decode(ids.subarray(0, cut)) + Array.from(ids.subarray(cut), push).join('')).toBe(long);
  }
});

test('bytes that are no text come as �, one for each, however many', () => {
  const bytes: Tokenizer = {
    name: 'b',
    size: 256,
    encode: () => [],
    decode: (ids) => new TextDecoder().decode(Uint8Array.from(ids)),
  };
  for (const broken of [[0xff], [0xe6, 0x9d], [0xf0, 0x9f, 0x90, 0x41], [0xe6, 0x9d, 0xb1, 0x80]]) {
    const ids = Array.from({ length: 200 }, (_, index) => broken[index % broken.length]!);
    const decoding = tokenizerVocabulary(bytes).decoding();
    expect(ids.map((id) => decoding.push(id)).join('') + decoding.end()).toBe(bytes.decode(ids));
  }
});

test('a text without spaces is not held for ever', () => {
  const vocabulary = tokenizerVocabulary(bytePairs);
  const encoding = vocabulary.encoding();
  let count = 0;
  for (let piece = 0; piece < 20; piece++) count += encoding.push('wood'.repeat(4096)).length;
  expect(count).toBeGreaterThan(100_000);
  expect(count + encoding.end().length).toBe((20 * 4 * 4096) / 2);
});

test.each<[unknown, RegExp]>([
  [undefined, /a tokenizer is \{ name, size, encode, decode \}, but name must be a text/],
  [{ ...tokenizer, name: '' }, /name must be a text that tells it apart/],
  [{ ...tokenizer, size: 1.5 }, /size must be a whole number ≥ 1, but is 1\.5/],
  [{ ...tokenizer, size: undefined }, /size must be a whole number ≥ 1, but is undefined/],
  [{ ...tokenizer, encode: undefined }, /encode and decode must be functions/],
  [{ ...tokenizer, end: 50_257 }, /start and end must be numbers from 0 to 50256/],
])('what is no tokenizer is refused', (given, message) => {
  expect(() => tokenizerVocabulary(given as Tokenizer)).toThrow(DataError);
  expect(() => tokenizerVocabulary(given as Tokenizer)).toThrow(message);
});

test('a tokenizer is held to what it says of itself', () => {
  const small = tokenizerVocabulary({ ...tokenizer, size: 300, end: null });
  expect(() => small.encode('wheelbarrow')).toThrow(
    /The tokenizer "gpt2" gave \d+ for a text, but its size says that its numbers are 0 to 299/,
  );
  expect(() => small.decode([300])).toThrow('No item has the number 300; the tokenizer "gpt2" has 0 to 299.');
  const odd = tokenizerVocabulary({ ...tokenizer, decode: () => [104] as never });
  expect(() => odd.decode([1])).toThrow(
    'decode of the tokenizer "gpt2" must give a text or its bytes, but gave object.',
  );
  const later = tokenizerVocabulary({ ...tokenizer, encode: () => Promise.resolve([1]) as never });
  expect(() => later.encode('a')).toThrow(/encode of the tokenizer "gpt2" must give numbers, but gave a promise/);
});
