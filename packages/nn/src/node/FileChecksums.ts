import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { DataError } from '../data/index.js';
import { fillFrom } from './fillFrom.js';

/** Bytes of which there is a checksum each. */
const segment = 1 << 14;

/** Checksums of a file that was gone over, by which any part of it is known to be what it was. */
export class FileChecksums {
  readonly #name: string;
  readonly #sums: number[] = [];
  #length = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** The next bytes of the file. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const filled = this.#length % segment;
      const part = bytes.subarray(at, at + segment - filled);
      const index = (this.#length - filled) / segment;
      this.#sums[index] = crc32(part, filled === 0 ? 0 : this.#sums[index]);
      this.#length += part.length;
      at += part.length;
    }
  }

  /** The bytes from `begin` up to, but without, `end`. @throws DataError where the file has others than it had. */
  async read(handle: FileHandle, begin: number, end: number): Promise<Uint8Array> {
    const first = Math.floor(begin / segment);
    const bytes = new Uint8Array(Math.min(this.#length, Math.ceil(end / segment) * segment) - first * segment);
    await fillFrom(handle, bytes, first * segment);
    for (let at = 0; at < bytes.length; at += segment) {
      if (crc32(bytes.subarray(at, at + segment)) === this.#sums[first + at / segment]) continue;
      throw new DataError(
        `${this.#name} was changed since it was gone over: what it has from byte ${first * segment + at} on is another text. Train on a copy that stays as it is.`,
      );
    }
    return bytes.subarray(begin - first * segment, end - first * segment);
  }
}
