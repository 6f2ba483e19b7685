import { execFileSync } from 'node:child_process';
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { byteVocabulary, characterVocabulary, DataError, wordVocabulary } from '../../src/index.js';
import { indexTextFile, type IndexedTextFile, type IndexTextOptions } from '../../src/node/index.js';
import { invalidUtf8At } from '../../src/data/utf8.js';
import { TextIndexer } from '../../src/node/TextIndexer.js';

const folder = mkdtempSync(join(tmpdir(), 'texts '));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'text.txt');

async function withText<T>(
  content: string | Uint8Array,
  use: (file: IndexedTextFile) => Promise<T>,
  options?: IndexTextOptions,
): Promise<T> {
  writeFileSync(path, content);
  const file = await indexTextFile(path, options);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function countsOf(text: string): [string, number][] {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a.codePointAt(0) as number) - (b.codePointAt(0) as number));
}

/** Texts of characters of one to four bytes, with line ends of all kinds and byte order marks anywhere. */
const texts = fc
  .array(fc.constantFrom('a', 'é', '東', '🐋', '\r', '\n', '\r\n', '\uFEFF'), { maxLength: 60 })
  .map((parts) => parts.join(''));

describe('an indexed text file', () => {
  test('has any part of a long text, whatever its characters', async () => {
    const text = `${'so much depends 🐋\r\nupon\r'.repeat(60_000)}東京`;
    for (const normalizeLineEnds of [false, true]) {
      const expected = [...(normalizeLineEnds ? text.replaceAll('\r\n', '\n') : text)];
      const vocabulary = characterVocabulary(text);
      await withText(
        `\uFEFF${text}`,
        async (file) => {
          expect(file.length).toBe(expected.length);
          expect([...file.counts]).toEqual(countsOf(expected.join('')));
          expect(file.sha256).toBe(sha256(expected.join('')));
          const items = file.items(vocabulary);
          const { length } = items;
          const places = [0, 1, 4095, 4096, 4097, 8192, 777_777, length - 4097, length - 1, length];
          for (const from of places) {
            for (const to of places.filter((place) => place >= from && place - from < 20_000)) {
              expect(vocabulary.decode(await items.read(from, to))).toBe(expected.slice(from, to).join(''));
            }
          }
          expect(vocabulary.decode(await items.read(0, length)) === expected.join('')).toBe(true);
        },
        { normalizeLineEnds },
      );
    }
  });

  test('has any part of a long text as words, and as bytes', async () => {
    const parts = [
      'so much — 3.14',
      '  \r\n\r\n"depends"',
      ' upon a red',
      'w'.repeat(200),
      ' ',
      '東京',
      "don't ",
      '🐋\u0301',
      '\n',
      '\uFEFF',
    ];
    let state = 1;
    const next = (below: number): number => (state = (state * 16_807) % 2_147_483_647) % below;
    const text = Array.from({ length: 5000 }, () => parts[next(parts.length)]).join('');
    for (const normalizeLineEnds of [false, true]) {
      const expected = normalizeLineEnds ? text.replaceAll('\r\n', '\n') : text;
      await withText(
        `\uFEFF${text}`,
        async (file) => {
          const vocabulary = wordVocabulary(file.counts);
          expect(vocabulary.toJSON()).toEqual(wordVocabulary(expected).toJSON());
          expect(file.sha256).toBe(sha256(expected));
          const whole = vocabulary.encode(expected);
          expect(file.length).toBe(whole.length);
          const items = file.items(vocabulary);
          const places = [
            0,
            1,
            ...Array.from({ length: 30 }, () => next(whole.length)),
            whole.length - 1,
            whole.length,
          ].sort((a, b) => a - b);
          for (const [index, from] of places.entries()) {
            for (const to of places.slice(index, index + 3))
              expect(await items.read(from, to)).toEqual(whole.slice(from, to));
          }
          expect(await items.read(0, whole.length)).toEqual(whole);
          expect(() => file.items(characterVocabulary(text))).toThrow(
            /by words, so that its items need a vocabulary of words/,
          );
        },
        { unit: 'words', normalizeLineEnds },
      );
      const bytes = Uint8Array.from([0xff, ...Buffer.from(text)]);
      await withText(
        bytes,
        async (file) => {
          expect(file.length).toBe(bytes.length);
          expect(file.counts.get('\u00FF')).toBe(1);
          const items = file.items(byteVocabulary());
          for (const from of [0, 1, 16_383, 16_384, 45_999])
            expect(await items.read(from, from + 20_000)).toEqual(Int32Array.from(bytes.subarray(from, from + 20_000)));
        },
        { unit: 'bytes', normalizeLineEnds },
      );
    }
  });

  test('is told apart by a URL too, and an empty one has nothing', async () => {
    writeFileSync(path, '\uFEFF');
    const file = await indexTextFile(pathToFileURL(path));
    expect(file).toMatchObject({ length: 0, counts: new Map(), sha256: sha256('') });
    expect(await file.items(characterVocabulary('a')).read(0, 0)).toHaveLength(0);
    await file.close();
  });

  test('is read as far as it went at the beginning, while it grows without end', async () => {
    const text = 'wood'.repeat(400_000);
    const told: number[] = [];
    const progress = (bytes: number, of: number): void => {
      told.push(bytes);
      expect(of).toBe(text.length);
      appendFileSync(path, text);
    };
    await withText(
      text,
      async (file) => {
        expect(file.length).toBe(text.length);
        expect(file.sha256).toBe(sha256(text));
        expect(await file.items(characterVocabulary(text)).read(text.length - 2, text.length)).toHaveLength(2);
      },
      { progress },
    );
    expect(told).toEqual([1 << 20, text.length]);
  });

  test('that was changed is noticed, in the part that is read', async () => {
    const text = 'wood'.repeat(30_000);
    await withText(text, async (file) => {
      const items = file.items(characterVocabulary(text));
      writeFileSync(path, text.replace(/.$/, 'w'));
      expect(await items.read(0, 8192)).toHaveLength(8192);
      await expect(items.read(119_000, 119_001)).rejects.toThrow(
        /text\.txt was changed .* from byte 114688 on is another text/,
      );
      writeFileSync(path, 'wood');
      await expect(items.read(0, 4)).rejects.toThrow(DataError);
    });
  });

  test('that is cut while it is gone over is told', async () => {
    const length = 3 << 20;
    const cut = withText('a'.repeat(length), () => Promise.resolve(), { progress: () => truncateSync(path, 1 << 20) });
    await expect(cut).rejects.toThrow(/text\.txt was cut to 1048576 of its 3145728 bytes while it was gone over/);
  });

  test('may be deleted while it is in use', async () => {
    await withText('how much wood', async (file) => {
      rmSync(path);
      expect(await file.items(characterVocabulary('how much wood')).read(0, 3)).toHaveLength(3);
    });
  });

  test('can be stopped on the way', async () => {
    const controller = new AbortController();
    const reading = withText('a'.repeat(3 << 20), () => Promise.resolve(), {
      signal: controller.signal,
      progress: () => controller.abort(new Error('enough')),
    });
    await expect(reading).rejects.toThrow('enough');
  });

  test('refuses senseless ranges, other characters, and a vocabulary of bytes', async () => {
    await withText('abc', async (file) => {
      const items = file.items(characterVocabulary('ab'));
      for (const [from, to] of [
        [-1, 2],
        [2, 1],
        [0, 4],
        [0.5, 2],
        [Number.NaN, 2],
      ] as const) {
        await expect(items.read(from, to)).rejects.toThrow(/there are 3 items, and none from/);
      }
      await expect(items.read(0, 3)).rejects.toThrow(/"c" \(U\+0063\)/);
      expect(() => file.items(byteVocabulary())).toThrow(
        "by characters, so that its items need a vocabulary of characters, but this one is of bytes. Give it { unit: 'bytes' }",
      );
    });
  });

  test('that is none is refused', async () => {
    await expect(indexTextFile(join(folder, 'none.txt'))).rejects.toThrow(/ENOENT/);
    await expect(indexTextFile(folder)).rejects.toThrow(/it is a directory/);
    if (existsSync('/dev/urandom')) await expect(indexTextFile('/dev/urandom')).rejects.toThrow(/it is a device/);
    if (process.platform === 'win32') return;
    // Nobody writes to it: to open it would be to wait for ever.
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(indexTextFile(join(folder, 'pipe'))).rejects.toThrow(/it is a pipe\. .* name a regular file/);
  });

  test('that is not UTF-8 is refused, with the byte', async () => {
    const bytes = Buffer.from(`\uFEFF${'größer '.repeat(150_000)}`);
    bytes[1_200_007] = 0xff;
    await expect(withText(bytes, () => Promise.resolve())).rejects.toThrow(
      /text\.txt is not in UTF-8: no character begins at byte 1200007/,
    );
    const cut = Buffer.from('Œuvre 🐋').subarray(0, -1);
    await expect(withText(cut, () => Promise.resolve())).rejects.toThrow(/at byte 7/);
  });
});

test('pieces cut anywhere give the same index', () => {
  fc.assert(
    fc.property(texts, fc.boolean(), fc.array(fc.integer({ min: 1, max: 9 })), (text, normalizeLineEnds, sizes) => {
      const bytes = Buffer.from(text);
      const indexer = new TextIndexer('it', { normalizeLineEnds });
      let end = 0;
      for (const size of [...sizes, bytes.length]) {
        end = Math.min(bytes.length, end + size);
        indexer.push(bytes.subarray(indexer.bytes, end), end === bytes.length);
      }
      const plain = new TextDecoder().decode(bytes);
      const expected = normalizeLineEnds ? plain.replaceAll('\r\n', '\n') : plain;
      expect(indexer.length).toBe([...expected].length);
      expect([...indexer.counts()]).toEqual(countsOf(expected));
      expect(indexer.sha256()).toBe(sha256(expected));
      expect(indexer.bytes).toBe(bytes.length);
    }),
  );
});

test('the first wrong byte of UTF-8 is found', () => {
  const parts = fc.oneof(
    fc.constantFrom('a', 'é', '東', '🐋', '\uFFFF', '\u{10FFFF}').map((character) => [...Buffer.from(character)]),
    fc.constantFrom([0x80], [0xc0, 0x80], [0xc3], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x8f, 0xbf, 0xbf]),
    fc.constantFrom([0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xe6, 0x9d], [0xf0, 0x9f, 0x90]),
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 8 }), (list) => {
      const bytes = Uint8Array.from(list.flat());
      const at = invalidUtf8At(bytes);
      expect(at === -1).toBe(isUtf8(bytes));
      if (at === -1) return;
      // Whole characters before it, and none that begins there, however long.
      expect(isUtf8(bytes.subarray(0, at))).toBe(true);
      for (let length = 1; length <= 4; length++) {
        const next = bytes.subarray(at, at + length);
        expect(next.length === length && isUtf8(next)).toBe(false);
      }
    }),
    { numRuns: 1000 },
  );
});
