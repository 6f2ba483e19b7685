import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { DataError } from '../data/index.js';
import { cutOff, invalidUtf8At } from '../data/utf8.js';

/** Characters from one place where a text can be read from to the next. */
export const blockLength = 4096;

const [lineFeed, carriageReturn] = [10, 13];

/** Characters there can be: code points of Unicode. */
const codePoints = 0x110000;

/** What one pass over a text in UTF-8 finds, piece by piece. */
export class TextIndexer {
  /** Characters so far. */
  length = 0;
  /** Bytes so far. */
  bytes = 0;
  /** Where in the file each block begins. */
  readonly offsets: number[] = [];
  /** Of the bytes of each block. */
  readonly checksums: number[] = [];
  readonly #name: string;
  readonly #normalize: boolean;
  readonly #counts = new Float64Array(codePoints);
  readonly #hash = createHash('sha256');

  constructor(name: string, { normalizeLineEnds }: { readonly normalizeLineEnds: boolean }) {
    this.#name = name;
    this.#normalize = normalizeLineEnds;
  }

  /** Takes as many of the bytes as are whole characters, or all if they are the last, and says how many it took. */
  push(given: Uint8Array, last: boolean): number {
    const bytes = last ? given : given.subarray(0, wholeCharacters(given));
    if (!isUtf8(bytes)) throw this.#invalid(invalidUtf8At(bytes));
    const begin = this.bytes === 0 && hasByteOrderMark(bytes) ? 3 : 0;
    this.#index(bytes, begin);
    const text = bytes.subarray(begin);
    this.#hash.update(this.#normalize ? withoutCarriageReturns(text) : text);
    this.bytes += bytes.length;
    return bytes.length;
  }

  /** How often each character occurs, in the order of code points. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (let code = 0; code < codePoints; code++) {
      const count = this.#counts[code] as number;
      if (count > 0) counts.set(String.fromCodePoint(code), count);
    }
    return counts;
  }

  sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  #index(bytes: Uint8Array, begin: number): void {
    // Read once, since they are used for each byte.
    const counts = this.#counts;
    const normalize = this.#normalize;
    let blockAt = begin;
    const endBlockAt = (at: number): void => {
      const block = this.checksums.length - 1;
      if (block >= 0) this.checksums[block] = crc32(bytes.subarray(blockAt, at), this.checksums[block]);
      blockAt = at;
    };
    let characters = this.length;
    for (let at = begin; at < bytes.length; characters++) {
      if (characters % blockLength === 0) {
        endBlockAt(at);
        this.offsets.push(this.bytes + at);
        this.checksums.push(0);
      }
      const lead = bytes[at] as number;
      if (lead < 0x80) {
        // Such a pair is one character, the second of the two.
        if (lead === carriageReturn && normalize && bytes[at + 1] === lineFeed) at++;
        counts[bytes[at++] as number]!++;
        continue;
      }
      const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      let code = lead & (0xff >> (length + 1));
      for (let next = 1; next < length; next++) code = (code << 6) | ((bytes[at + next] as number) & 0x3f);
      counts[code]!++;
      at += length;
    }
    endBlockAt(bytes.length);
    this.length = characters;
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

/** Bytes up to the last character that may not be whole: one that is cut off, or a `\r` that a `\n` may follow. */
function wholeCharacters(bytes: Uint8Array): number {
  return bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length - cutOff(bytes);
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
