import type { Vocabulary } from '../data/index.js';
import { Ids } from '../data/words/Ids.js';
import type { WordVocabulary } from '../data/words/vocabularyOfWords.js';
import { WordCounts } from '../data/words/WordCounts.js';
import { WordSplitter } from '../data/words/WordSplitter.js';

/** What the items of a text file may be. */
export type TextUnit = 'characters' | 'words' | 'bytes';

/** Counts the items of a file, and makes them numbers from any place on that was noted. */
export interface UnitCounter {
  /** Items so far. */
  readonly length: number;
  /** Bytes at the end of those taken that belong to items not counted yet. */
  readonly held: number;
  /** What has to be known to go on after the items counted so far. */
  readonly state: number;
  /** Takes bytes: for characters and words, whole characters. */
  take(bytes: Uint8Array): void;
  /** There are no more. */
  end(): void;
  counts(): Map<string, number>;
}

const [lineFeed, carriageReturn] = [10, 13];

/** Characters there can be: code points of Unicode. */
const codePoints = 0x110000;

/** Counts items of a kind; `normalize` takes `\r\n` as `\n`. */
export function unitCounter(unit: TextUnit, normalize: boolean): UnitCounter {
  return unit === 'bytes' ? byteCounter() : unit === 'words' ? wordCounter(normalize) : characterCounter(normalize);
}

/** The numbers of the items in a part of a file that begins at a place with this state; at its end there may be one too many. */
export function encodePart(vocabulary: Vocabulary, bytes: Uint8Array, state: number, normalize: boolean): Int32Array {
  if (vocabulary.kind === 'bytes') return Int32Array.from(bytes);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (vocabulary.kind === 'characters') return vocabulary.encode(normalize ? text.replaceAll('\r\n', '\n') : text);
  const { numberOf } = vocabulary as WordVocabulary;
  const ids = new Ids(text.length >> 2);
  const splitter = new WordSplitter((item) => ids.push(numberOf(normalized(item, normalize))), state);
  splitter.push(text);
  splitter.end();
  return ids.take();
}

function byteCounter(): UnitCounter {
  const counts = new Float64Array(256);
  let length = 0;
  return {
    get length() {
      return length;
    },
    held: 0,
    state: 0,
    take(bytes) {
      for (const byte of bytes) counts[byte]!++;
      length += bytes.length;
    },
    end() {},
    counts: () => countsOf(counts),
  };
}

function characterCounter(normalize: boolean): UnitCounter {
  const counts = new Float64Array(codePoints);
  let length = 0;
  return {
    get length() {
      return length;
    },
    held: 0,
    state: 0,
    take(bytes) {
      for (let at = 0; at < bytes.length; length++) {
        const lead = bytes[at] as number;
        if (lead < 0x80) {
          // Such a pair is one character, the second of the two.
          if (lead === carriageReturn && normalize && bytes[at + 1] === lineFeed) at++;
          counts[bytes[at++] as number]!++;
          continue;
        }
        const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        let code = lead & (0xff >> (size + 1));
        for (let next = 1; next < size; next++) code = (code << 6) | ((bytes[at + next] as number) & 0x3f);
        counts[code]!++;
        at += size;
      }
    },
    end() {},
    counts: () => countsOf(counts),
  };
}

function wordCounter(normalize: boolean): UnitCounter {
  const counted = new WordCounts();
  let length = 0;
  const splitter = new WordSplitter((item) => {
    length++;
    counted.add(normalized(item, normalize));
  });
  return {
    get length() {
      return length;
    },
    get held() {
      return Buffer.byteLength(splitter.held);
    },
    get state() {
      return splitter.state;
    },
    take: (bytes) => splitter.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')),
    end: () => splitter.end(),
    counts: () => counted.counts(),
  };
}

function normalized(item: string, normalize: boolean): string {
  return normalize && item === '\r\n' ? '\n' : item;
}

function countsOf(counts: Float64Array): Map<string, number> {
  const found = new Map<string, number>();
  for (let code = 0; code < counts.length; code++) {
    const count = counts[code] as number;
    if (count > 0) found.set(String.fromCodePoint(code), count);
  }
  return found;
}
