import { createBackend } from '@tempograd/backend-js';
import { assign, disposeTree, fromArray, key, useBackend } from '@tempograd/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  charModel,
  DataError,
  generate,
  vocabularyFromJson,
  wordVocabulary,
  wordVocabularyFrom,
  type VocabularyJson,
  type WordVocabularyOptions,
} from '../../src/index.js';
import { WordCounts } from '../../src/data/words/WordCounts.js';
import { WordSplitter, wordsOf } from '../../src/data/words/WordSplitter.js';

const lines =
  'Call me Ishmael. Some years ago (never mind how long) I didn’t, well-known 3.14, 1,000!\n\n“東京” is <unk> 👩‍👩‍👧 🇩🇪.';

/** Texts of whatever may stand beside one another: words, marks, parts of pictures, halves of characters, white space. */
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom('wood', 'chuck', "don't", 'a', ' ', ' ', ' ', '  ', '\n', '\r\n', '\r', '\t', '\u00A0', '\uFEFF'),
      fc.constantFrom(
        '.',
        ',',
        '…',
        '"',
        "'",
        '’',
        '“',
        '”',
        '(',
        ')',
        '—',
        '-',
        '/',
        '_',
        '$',
        '<',
        '>',
        '3',
        '1.5',
        '٣',
      ),
      fc.constantFrom(
        '東',
        '京',
        '。',
        'ก',
        'ำ',
        'é',
        'e\u0301',
        '\u0301',
        '🐋',
        '👩',
        '\u200D',
        '🏽',
        '\uFE0F',
        '🇩',
        '🇪',
      ),
      fc.constantFrom('\uD83D', '\uDC0B', '<unk>', '<|end|>', '</b>', 'constructor', '__proto__', 'İ', '𝒳', '𝟗'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

async function* pieces<T>(...given: T[]): AsyncGenerator<T> {
  yield* given;
}

describe('a text of words', () => {
  test('is cut into words, marks and what is unusual between them', () => {
    expect(wordsOf(lines)).toEqual(
      // prettier-ignore
      [
        'Call', 'me', 'Ishmael', '.', 'Some', 'years', 'ago', '(', 'never', 'mind', 'how', 'long', ')', 'I', 'didn’t', ',', 'well',
        '-', 'known', '3.14', ',', '1,000', '!', '\n', '\n', '“', '東', '京', '”', 'is', '<unk>', '👩‍👩‍👧', '🇩🇪', '.',
      ],
    );
    expect(wordsOf('a  b\r\nc,d -e "f"')).toEqual(
      // prettier-ignore
      ['a', ' ', ' ', 'b', '\r\n', 'c', ',', '', 'd', ' ', '-', 'e', ' ', '"', 'f', '"'],
    );
    expect(wordsOf(' a ')).toEqual([' ', 'a', ' ']);
    expect(wordsOf('')).toEqual([]);
  });

  test('comes back as it was', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const vocabulary = wordVocabulary(`${text} x`, { unknown: null });
        expect(vocabulary.decode(vocabulary.encode(text))).toBe(text);
        const again = vocabularyFromJson(JSON.parse(JSON.stringify(vocabulary)) as VocabularyJson);
        expect(again.decode(again.encode(text))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  test('gives the same items in pieces cut anywhere, of text or of bytes', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat(12), { maxLength: 12 }), (text, sizes) => {
        const whole = wordsOf(text);
        const found: string[] = [];
        const splitter = new WordSplitter((item) => found.push(item));
        const vocabulary = wordVocabulary(`${text}x`);
        const [encoding, ofBytes] = [vocabulary.encoding(), vocabulary.encoding()];
        const [ids, byteIds]: [number[], number[]] = [[], []];
        const bytes = new TextEncoder().encode(text);
        let [at, byte] = [0, 0];
        for (const size of [...sizes, bytes.length]) {
          splitter.push(text.slice(at, at + size));
          ids.push(...encoding.push(text.slice(at, (at += size))));
          byteIds.push(...ofBytes.push(bytes.subarray(byte, (byte += size))));
        }
        splitter.end();
        expect(found).toEqual(whole);
        expect([...ids, ...encoding.end()]).toEqual([...vocabulary.encode(text)]);
        if (!/\p{Cs}/u.test(text) && !text.startsWith('\uFEFF'))
          expect([...byteIds, ...ofBytes.end()]).toEqual([...vocabulary.encode(text)]);
      }),
      { numRuns: 200 },
    );
  });

  test('of long runs without a space is cut all the same, wherever the pieces end', () => {
    for (const run of [
      'a',
      '𝒳',
      "a'",
      '1.',
      '👩\u200D',
      'e\u0301',
      '\u0301',
      '<a',
      '<|',
      '東',
      ' ',
      '\n',
      '🇩',
      '-\u0301',
    ]) {
      const text = run.repeat(1000);
      const whole = wordsOf(text);
      expect(Math.max(...whole.map(({ length }) => length))).toBeLessThan(640);
      const found: string[] = [];
      const splitter = new WordSplitter((item) => found.push(item));
      for (let at = 0; at < text.length; at += 7) splitter.push(text.slice(at, at + 7));
      splitter.end();
      expect(found).toEqual(whole);
    }
  });

  test('is cut into items that are items', () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const item of wordsOf(text)) if (item !== '') expect(wordsOf(item)).toEqual([item]);
      }),
    );
  });

  test('goes on one by one as it is decoded whole, also after what was before', () => {
    const vocabulary = wordVocabulary(lines);
    const ids = vocabulary.encode(lines);
    for (let cut = 0; cut <= ids.length; cut++) {
      const before = ids.subarray(0, cut);
      const decoding = vocabulary.decoding(before);
      const rest = Array.from(ids.subarray(cut), (id) => decoding.push(id)).join('');
      expect(vocabulary.decode(before) + rest + decoding.end()).toBe(lines);
    }
  });
});

test('a model of words goes on after a prompt with a space, never draws the unknown word, and stops at the end', async () => {
  useBackend(createBackend());
  const vocabulary = wordVocabulary('so much depends upon a red wheelbarrow\n', { end: '<end>' });
  const model = charModel({ vocabulary: vocabulary.size, embedding: 2, hidden: 2 });
  const params = model.init(key(1));
  /** Writes what follows where only these can come next. */
  const write = async (likely: readonly number[], prompt?: string): Promise<string> => {
    const bias = Array.from({ length: vocabulary.size }, (_, id) => (likely.includes(id) ? 100 - id : -100));
    assign(params.head.bias, fromArray(bias, [bias.length]));
    let text = '';
    for await (const piece of generate(model, params, { vocabulary, prompt, length: 3, temperature: 0 })) text += piece;
    return text;
  };
  const [unknown, end, red] = [vocabulary.unknown, vocabulary.end, vocabulary.numberOf('red')] as [
    number,
    number,
    number,
  ];
  expect(await write([unknown, red], 'so much')).toBe(' red red red');
  expect(await write([red], '\n')).toBe('red red red');
  expect(await write([red])).toBe(' red red red');
  expect(await write([end, red], 'so')).toBe('');
  disposeTree(params);
});

describe('a word vocabulary', () => {
  const text = 'the whale and the sea and the ship';

  test('has the most frequent words first, and how often each occurs', () => {
    const { words, frequencies, size, kind } = wordVocabulary(text);
    expect(words).toEqual(['<unk>', '', ' ', 'the', 'and', 'sea', 'ship', 'whale']);
    expect({ size, kind }).toEqual({ size: 8, kind: 'words' });
    expect(Object.fromEntries(frequencies)).toEqual({
      '<unk>': 0,
      '': 0,
      ' ': 0,
      the: 3,
      and: 2,
      sea: 1,
      ship: 1,
      whale: 1,
    });
  });

  test('leaves out what is rare, which is unknown', () => {
    const few = wordVocabulary(text, { minCount: 2 });
    expect(few.words.slice(3)).toEqual(['the', 'and']);
    expect(few.frequencies.get('<unk>')).toBe(3);
    expect(few.decode(few.encode(text))).toBe('the <unk> and the <unk> and the <unk>');
    expect(few.decode(few.encode('the squid, and 3 🐋'))).toBe('the <unk> <unk> and <unk> <unk>');
    expect(wordVocabulary(text, { size: 4 }).words.slice(3)).toEqual(['the']);
    expect(() => wordVocabulary(text, { unknown: null }).encode('a whale')).toThrow(
      /The word "a" is not among the 7 items of the vocabulary\. Leave it out/,
    );
  });

  test('is the same from pieces, and from frequencies', async () => {
    const options: WordVocabularyOptions = { minCount: 1, end: '<end>', lowercase: true };
    const whole = wordVocabulary(lines, options).toJSON();
    const bytes = new TextEncoder().encode(lines);
    expect((await wordVocabularyFrom(pieces(bytes.subarray(0, 110), bytes.subarray(110)), options)).toJSON()).toEqual(
      whole,
    );
    expect((await wordVocabularyFrom(pieces(lines.slice(0, 7), lines.slice(7)), options)).toJSON()).toEqual(whole);
    expect(wordVocabulary(wordVocabulary(lines).frequencies, options).toJSON()).toEqual(whole);
    expect(
      wordVocabulary([
        ['New York', 3],
        ['york', 0.5],
      ]).frequencies.get('York'),
    ).toBe(3);
  });

  test('says where a text ends and what to begin with', () => {
    const vocabulary = wordVocabulary('so much\n<end>\ndepends', { end: '<end>' });
    expect(vocabulary).toMatchObject({ start: 1, end: 1 });
    expect([...vocabulary.encode('<end> <unk>')]).toEqual([1, 0]);
    const [plain, lineless] = [wordVocabulary('so much\n'), wordVocabulary('so much')];
    expect(plain).toMatchObject({ start: plain.words.indexOf('\n'), end: undefined });
    expect(lineless.words[lineless.start as number]).toBe('much');
  });

  test('takes words for the same that differ in capitals, if it is asked to', () => {
    const vocabulary = wordVocabulary('The whale. THE WHALE', { lowercase: true });
    expect(vocabulary.frequencies.get('whale')).toBe(2);
    expect(vocabulary.decode(vocabulary.encode('THE Whale'))).toBe('the whale');
  });

  test('has words that are names of what every object has', () => {
    const words = 'constructor __proto__ toString hasOwnProperty valueOf';
    const vocabulary = wordVocabulary(words);
    expect(vocabulary.decode(vocabulary.encode(words))).toBe(words);
    expect([...vocabulary.encode('prototype')]).toEqual([0]);
    const again = vocabularyFromJson(JSON.parse(JSON.stringify(vocabulary)) as VocabularyJson);
    expect([...again.encode(words)]).toEqual([...vocabulary.encode(words)]);
  });

  test('holds a hundred thousand words', () => {
    const counts = Array.from({ length: 100_000 }, (_, index): [string, number] => [`w${index}`, 1]);
    const vocabulary = wordVocabulary(counts, { size: 20_000 });
    expect(vocabulary.size).toBe(20_000);
    expect(vocabulary.frequencies.get('<unk>')).toBe(80_003);
    expect(vocabulary.decode(vocabulary.encode('w1 w0'))).toBe('w1 w0');
  });

  test('forgets the rarest words where there are too many to count', () => {
    const counts = new WordCounts(3);
    for (const item of 'a a a b b c d e a f'.split(' ')) counts.add(item);
    expect(counts.counts().get('a')).toBe(4);
    expect(counts.counts().size).toBeLessThanOrEqual(3);
    expect([...counts.counts().values()].reduce((sum, count) => sum + count, counts.forgotten)).toBe(10);
  });

  test.each<[unknown, unknown, RegExp]>([
    ['', {}, /cannot be made of an empty text/],
    [[], {}, /cannot be made of an empty text/],
    ['a b', { minCount: 2 }, /no word occurs 2 times/],
    ['a', { minCount: Number.NaN }, /minCount must be a number ≥ 0, but is NaN/],
    ['a', { size: 3 }, /size must be a whole number > 3, of which 3 are no words \("<unk>", "", " "\), but is 3/],
    ['a', { size: 7.5 }, /size must be a whole number/],
    ['a', { unknown: '[UNK]' }, /unknown must be one item of a text, such as '<unknown>', but "\[UNK\]" is cut into 3/],
    ['a', { end: '' }, /end must be one item of a text/],
    ['a', { end: '\n' }, /end must be one item of a text/],
    ['a', { end: '<unk>' }, /must be different items, but both are "<unk>"/],
    [['whale'], {}, /frequencies must be pairs of a word and how often it occurs/],
    [[['whale', -1]], {}, /one is \["whale",-1\]/],
    [pieces('a'), {}, /comes in pieces is for wordVocabularyFrom/],
    [undefined, {}, /made of a text or of frequencies/],
    [{ whale: 1 }, {}, /made of a text or of frequencies/],
  ])('is not made of %j with %j', (source, options, message) => {
    const make = () => wordVocabulary(source as string, options as WordVocabularyOptions);
    expect(make).toThrow(DataError);
    expect(make).toThrow(message);
  });

  const good = {
    kind: 'words',
    words: ['<unk>', '', 'a'],
    counts: [0, 0, 1],
    unknown: '<unk>',
    end: null,
    lowercase: false,
  };
  test.each<[object, RegExp]>([
    [{ words: 'a' }, /words must be a list of one text or more/],
    [{ words: [] }, /words must be a list of one text or more/],
    [{ words: ['a', 'a'], counts: [1, 1] }, /each stands once/],
    [{ counts: [1] }, /one number ≥ 0 for each word/],
    [{ counts: [1, 1, null] }, /one number ≥ 0 for each word/],
    [{ unknown: 'b' }, /unknown must be one of the words, or null/],
    [{ end: 7 }, /end must be one of the words, or null/],
    [{ lowercase: 'no' }, /lowercase must be true or false/],
  ])('is not read from %j', (change, message) => {
    expect(vocabularyFromJson(good as unknown as VocabularyJson).size).toBe(3);
    const read = () => vocabularyFromJson({ ...good, ...change } as unknown as VocabularyJson);
    expect(read).toThrow(DataError);
    expect(read).toThrow(message);
  });

  test('tells numbers that no word has', () => {
    const vocabulary = wordVocabulary('a');
    for (const id of [-1, 4, 0.5, Number.NaN]) {
      expect(() => vocabulary.decode([id])).toThrow(`No word has the number ${id}; the vocabulary has 0 to 3.`);
    }
  });
});
