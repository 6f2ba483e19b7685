import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  byteVocabulary,
  characterVocabulary,
  vocabularyFromJson,
  wordVocabulary,
  type Vocabulary,
  type VocabularyJson,
} from '@tempograd/nn';
import { indexTextFile } from '@tempograd/nn/node';
import { Random } from '../Random.js';
import { makeText } from './makeText.js';

/** What to attack with. */
export interface TextsAttack {
  readonly seed: number;
  /** How many texts. */
  readonly texts: number;
  /** The first of them; default is 0. With `texts: 1` one is repeated alone. */
  readonly from?: number;
}

/** A text that did not come back as it was, or not the same by another way. */
export interface TextsFailure {
  /** Its number. */
  readonly text: number;
  /** What went wrong, in words. */
  readonly fault: string;
}

/** What became of the texts. */
export interface TextsReport {
  readonly texts: number;
  /** Items of all of them, by all units. */
  readonly items: number;
  readonly failures: readonly TextsFailure[];
}

/** Parts of a text, at most; a part is a few characters. */
const mostParts = 20_000;

/**
 * Makes texts of what stands beside one another in none, and numbers of them by characters, words and bytes: whole, in pieces cut
 * anywhere, and from a file, any part of it. All must agree, and give the text again, to the last space.
 */
export async function attackTexts({ seed, texts, from = 0 }: TextsAttack): Promise<TextsReport> {
  const folder = await mkdtemp(join(tmpdir(), 'tempograd texts '));
  const failures: TextsFailure[] = [];
  let items = 0;
  try {
    for (let text = from; text < from + texts; text++) {
      const random = new Random(Math.imul(seed, 0x9e3779b1) + text);
      const content = `x${makeText(random, Math.ceil(mostParts * random.next() ** 3))}`;
      const path = join(folder, 'text.txt');
      await writeFile(path, content);
      for (const vocabulary of [
        characterVocabulary(content),
        wordVocabulary(content, { unknown: null }),
        byteVocabulary(),
      ]) {
        const faults: string[] = [];
        items += await examine(content, path, vocabulary, random, faults);
        for (const fault of faults) failures.push({ text, fault: `by ${vocabulary.kind}: ${fault}` });
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return { texts, items, failures };
}

/** Notes what is wrong, and gives how many items there are. */
async function examine(
  content: string,
  path: string,
  vocabulary: Vocabulary,
  random: Random,
  faults: string[],
): Promise<number> {
  const ids = vocabulary.encode(content);
  if (vocabulary.decode(ids) !== content) faults.push('the text does not come back');
  const again = vocabularyFromJson(JSON.parse(JSON.stringify(vocabulary)) as VocabularyJson);
  if (!isSame(again.encode(content), ids)) faults.push('it is another vocabulary after it was stored');
  for (const whole of [content, new TextEncoder().encode(content)]) {
    if (!isSame(inPieces(whole, vocabulary, random), ids)) faults.push(`other numbers in pieces of ${typeof whole}`);
  }
  const cut = random.whole(0, ids.length + 1);
  const decoding = vocabulary.decoding(ids.subarray(0, cut));
  const rest = Array.from(ids.subarray(cut), (id) => decoding.push(id)).join('') + decoding.end();
  // Bytes may be cut inside a character.
  if (vocabulary.kind !== 'bytes' && vocabulary.decode(ids.subarray(0, cut)) + rest !== content)
    faults.push(`another text when it goes on at ${cut}`);
  const { kind: unit } = vocabulary;
  if (unit === 'tokens') return ids.length;
  const file = await indexTextFile(path, { unit });
  try {
    if (file.length !== ids.length) faults.push(`${file.length} items in the file, but ${ids.length} in the text`);
    const items = file.items(vocabulary);
    for (let part = 0; part < 20; part++) {
      const begin = random.whole(0, ids.length + 1);
      const end = Math.min(ids.length, begin + Math.floor(ids.length * random.next() ** 4) + random.whole(0, 3));
      if (!isSame(await items.read(begin, end), ids.subarray(begin, end)))
        faults.push(`other numbers from the file, ${begin} to ${end}`);
    }
  } finally {
    await file.close();
  }
  return ids.length;
}

function inPieces(whole: string | Uint8Array, vocabulary: Vocabulary, random: Random): Int32Array {
  const encoding = vocabulary.encoding();
  const found: Int32Array[] = [];
  for (let at = 0; at < whole.length;) {
    const end = at + (random.next() < 0.9 ? random.whole(0, 40) : random.whole(0, 5000));
    found.push(encoding.push(whole.slice(at, end)));
    at = end;
  }
  found.push(encoding.end());
  const ids = new Int32Array(found.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const piece of found) {
    ids.set(piece, filled);
    filled += piece.length;
  }
  return ids;
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
