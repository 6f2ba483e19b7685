import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { DataError } from '../data/index.js';
import { cutOff, invalidUtf8At } from '../data/utf8.js';
import { FileChecksums } from './FileChecksums.js';
import { ItemIndex } from './ItemIndex.js';
import { unitCounter, type TextUnit, type UnitCounter } from './textUnits.js';

/** Bytes from one place where a text can be read from to the next, about. */
const blockBytes = 1 << 14;

const carriageReturn = 13;

/** What one pass over a text finds, piece by piece. */
export class TextIndexer {
  /** Bytes so far. */
  bytes = 0;
  readonly index: ItemIndex = new ItemIndex();
  readonly checksums: FileChecksums;
  readonly #name: string;
  readonly #normalize: boolean;
  readonly #isText: boolean;
  readonly #counter: UnitCounter;
  readonly #hash = createHash('sha256');

  constructor(
    name: string,
    { normalizeLineEnds, unit = 'characters' }: { readonly normalizeLineEnds: boolean; readonly unit?: TextUnit },
  ) {
    this.#name = name;
    this.#isText = unit !== 'bytes';
    this.#normalize = normalizeLineEnds && this.#isText;
    this.#counter = unitCounter(unit, this.#normalize);
    this.checksums = new FileChecksums(name);
  }

  /** Items so far. */
  get length(): number {
    return this.#counter.length;
  }

  /** Takes as many of the bytes as are whole characters, or all if they are the last, and says how many it took. */
  push(given: Uint8Array, last: boolean): number {
    const bytes = last ? given : this.#whole(given);
    if (this.#isText && !isUtf8(bytes)) throw this.#invalid(invalidUtf8At(bytes));
    const begin = this.#isText && this.bytes === 0 && hasByteOrderMark(bytes) ? 3 : 0;
    if (this.bytes === 0 && bytes.length > 0) this.index.add(0, begin, 0);
    this.checksums.push(bytes);
    const text = bytes.subarray(begin);
    this.#hash.update(this.#normalize ? withoutCarriageReturns(text) : text);
    this.bytes += begin;
    for (let at = 0; at < text.length;) {
      const rest = text.subarray(at, at + blockBytes);
      const block = at + rest.length === text.length ? rest : this.#whole(rest);
      this.#take(block);
      at += block.length;
    }
    if (last) {
      this.#counter.end();
      this.index.add(this.length, this.bytes, 0);
    }
    return bytes.length;
  }

  /** How often each item occurs, in the order of code points; of words, in the order in which they first did. */
  counts(): Map<string, number> {
    return this.#counter.counts();
  }

  sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  #take(bytes: Uint8Array): void {
    const counter = this.#counter;
    counter.take(bytes);
    this.bytes += bytes.length;
    this.index.add(counter.length, this.bytes - counter.held, counter.state);
  }

  /** Bytes up to the last character that may not be whole: one that is cut off, or a `\r` that a `\n` may follow. */
  #whole(bytes: Uint8Array): Uint8Array {
    if (!this.#isText) return bytes;
    return bytes.subarray(0, bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length - cutOff(bytes));
  }

  #invalid(at: number): DataError {
    return new DataError(
      `${this.#name} is not in UTF-8: no character begins at byte ${this.bytes + at}. ` +
        `Convert it: iconv -f ITS-ENCODING -t UTF-8 ${this.#name} > converted.txt`,
    );
  }
}

/** `\r\n` as `\n`; bytes without `\r` as they are. */
function withoutCarriageReturns(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(carriageReturn)) return bytes;
  // One code unit a byte, whatever the characters.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return Buffer.from(text.replaceAll('\r\n', '\n'), 'latin1');
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
