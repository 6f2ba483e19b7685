import { describe, expect, test } from 'vitest';
import {
  byteVocabulary,
  characterVocabulary,
  characterVocabularyFrom,
  DataError,
  vocabularyFromJson,
  type Vocabulary,
  type VocabularyJson,
} from '../../src/index.js';

/** A text with characters of one to four bytes and of two code units. */
const text = 'Zürich, 東京 – 🙂🙃!\n';
const bytes = new TextEncoder().encode(text);

async function* pieces<T>(...given: T[]): AsyncGenerator<T> {
  yield* given;
}

const vocabularies: Record<string, Vocabulary> = { characters: characterVocabulary(text), bytes: byteVocabulary() };

describe.each(Object.entries(vocabularies))('%s', (_name, vocabulary) => {
  test('a text comes back as it was', () => {
    const ids = vocabulary.encode(text);
    expect(vocabulary.decode(ids)).toBe(text);
    expect(Math.max(...ids)).toBeLessThan(vocabulary.size);
  });

  test('pieces cut anywhere, of text or of bytes, give the same numbers', () => {
    const whole = [...vocabulary.encode(text)];
    for (let cut = 0; cut <= text.length; cut++) {
      const encoding = vocabulary.encoding();
      expect([...encoding.push(text.slice(0, cut)), ...encoding.push(text.slice(cut)), ...encoding.end()]).toEqual(
        whole,
      );
    }
    for (let cut = 0; cut <= bytes.length; cut++) {
      const encoding = vocabulary.encoding();
      const [first, second] = [encoding.push(bytes.subarray(0, cut)), encoding.push(bytes.subarray(cut))];
      expect([...first, ...second, ...encoding.end()]).toEqual(whole);
    }
  });

  test('numbers one by one give whole characters', () => {
    const decoding = vocabulary.decoding();
    const given = Array.from(vocabulary.encode(text), (id) => decoding.push(id));
    expect(given.filter((piece) => piece !== '')).toEqual([...text]);
    expect(decoding.end()).toBe('');
  });

  test('goes through JSON', () => {
    const again = vocabularyFromJson(JSON.parse(JSON.stringify(vocabulary)) as VocabularyJson);
    expect(again.size).toBe(vocabulary.size);
    expect([...again.encode(text)]).toEqual([...vocabulary.encode(text)]);
  });
});

describe('a character vocabulary', () => {
  test('has the distinct characters in the order of their code points', () => {
    expect(characterVocabulary('banana').toJSON()).toEqual({ kind: 'characters', characters: 'abn', unknown: null });
    expect([...characterVocabulary('banana').encode('ban')]).toEqual([1, 0, 2]);
  });

  test('is the same from pieces', async () => {
    const whole = characterVocabulary(text).toJSON();
    expect((await characterVocabularyFrom(pieces(bytes.subarray(0, 11), bytes.subarray(11)))).toJSON()).toEqual(whole);
    expect((await characterVocabularyFrom(pieces(text.slice(0, 15), text.slice(15)))).toJSON()).toEqual(whole);
  });

  test('refuses what it does not have, or takes the unknown character for it', () => {
    expect(() => characterVocabulary('ab').encode('abc')).toThrow(/"c" \(U\+0063\) is not among the 2/);
    expect(() => characterVocabulary('ab').decode([2])).toThrow(/No character has the number 2/);
    const forgiving = characterVocabulary('ab', { unknown: '?' });
    expect(forgiving.decode(forgiving.encode('abc'))).toBe('ab?');
    expect(() => characterVocabulary('ab', { unknown: '??' })).toThrow(DataError);
  });

  test('names the first byte that is not UTF-8, wherever pieces are cut', () => {
    const long = new Uint8Array([...bytes, 0xf0, 0x9f, 0x99, 0x41, ...bytes]);
    const short = long.subarray(0, bytes.length + 3);
    for (const wrong of [long, short]) {
      for (let first = 0; first <= wrong.length; first++) {
        for (let second = first; second <= Math.min(wrong.length, first + 5); second++) {
          const encoding = characterVocabulary(text).encoding();
          const encode = (): void => {
            encoding.push(wrong.subarray(0, first));
            encoding.push(wrong.subarray(first, second));
            encoding.push(wrong.subarray(second));
            encoding.end();
          };
          expect(encode, `${first} ${second}`).toThrow(`no character begins at byte ${bytes.length}.`);
        }
      }
    }
  });

  test('refuses an empty text, and bytes that are not UTF-8', () => {
    expect(() => characterVocabulary('')).toThrow(/empty text/);
    expect(() => characterVocabulary('a').encoding().push(Uint8Array.of(0xff))).toThrow(/byteVocabulary/);
  });

  test.each<[unknown, RegExp]>([
    [{ kind: 'syllables' }, /no vocabulary of kind "syllables"; known are "characters", "bytes", "words" and "tokens"/],
    [{ kind: 'constructor' }, /no vocabulary of kind "constructor"/],
    [null, /of kind "undefined"/],
    ['characters', /of kind "undefined"/],
    [{ kind: 'characters' }, /characters must be a text/],
    [{ kind: 'characters', characters: '', unknown: null }, /of one character or more/],
    [{ kind: 'characters', characters: ['a'], unknown: null }, /characters must be a text/],
    [{ kind: 'characters', characters: 'aba', unknown: null }, /each of them once/],
    [{ kind: 'characters', characters: 'ab', unknown: 'c' }, /unknown must be one of the characters/],
    [{ kind: 'characters', characters: 'ab', unknown: 1 }, /unknown must be one of the characters/],
  ])('is not made from %j', (json, message) => {
    expect(() => vocabularyFromJson(json as VocabularyJson)).toThrow(DataError);
    expect(() => vocabularyFromJson(json as VocabularyJson)).toThrow(message);
  });
});

test('a byte order mark in a text is a character of it', () => {
  const { decode, encode, decoding } = byteVocabulary();
  expect(decode(encode('\uFEFFa'))).toBe('\uFEFFa');
  const { push } = decoding();
  expect(Array.from(encode('\uFEFFa'), push).join('')).toBe('\uFEFFa');
});

test('half a character before bytes keeps its place among them', () => {
  const encoding = byteVocabulary().encoding();
  const ids = [
    ...encoding.push('a\uD83D'),
    ...encoding.push(Uint8Array.of(98)),
    ...encoding.push('c'),
    ...encoding.end(),
  ];
  expect(byteVocabulary().decode(ids)).toBe('a\uFFFDbc');
});

test('bytes that are no text decode with a replacement', () => {
  const decoding = byteVocabulary().decoding();
  expect(decoding.push(0xe6) + decoding.end()).toBe('�');
  expect(() => byteVocabulary().decode([256])).toThrow(/256 is not a byte/);
});
