import { constants, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { DataError, type RandomAccessItems, type Vocabulary } from '../data/index.js';
import { signalKind } from '../fit/kinds.js';
import { fillFrom } from './fillFrom.js';
import { blockLength, TextIndexer } from './TextIndexer.js';

/** How to go over a text file. */
export interface IndexTextOptions {
  /** Takes `\r\n` as the one character `\n`; default is false. */
  readonly normalizeLineEnds?: boolean;
  /** Is told now and then how many of how many bytes have been gone over. */
  readonly progress?: (bytes: number, of: number) => void;
  /** Stops it: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

const indexTable = optionTable<IndexTextOptions>({
  normalizeLineEnds: 'boolean',
  progress: 'function',
  signal: signalKind,
});

/** A text file that was gone over once, and can be read from any character on. */
export interface IndexedTextFile {
  /** Characters (code points) in it, a byte order mark apart. */
  readonly length: number;
  /** How often each character occurs, in the order of code points. */
  readonly counts: ReadonlyMap<string, number>;
  /** Hash of the text in UTF-8, as hexadecimal digits: tells whether another text is the same. */
  readonly sha256: string;
  /**
   * Its characters as numbers, for `contiguousStreams`.
   * @throws ArgumentError for a vocabulary of bytes, of which a character may have several.
   */
  items(vocabulary: Vocabulary): RandomAccessItems;
  /** Closes the file. */
  close(): Promise<void>;
}

/** Bytes that are read at once when it is gone over. */
const pieceBytes = 1 << 20;

/**
 * Goes over a text file in UTF-8 once: counts its characters, for a vocabulary, and notes where every 4096th of them begins, so
 * that it can be read from any character on. Memory does not grow with its length, but for 12 bytes each 4096 characters.
 *
 * The file is held open until `close()`, so it may be renamed or deleted meanwhile. What was appended to it is not seen; what
 * was changed in it is noticed when it is read.
 * @throws DataError for what is no regular file, such as a pipe, and for bytes that are not UTF-8, naming the first.
 */
export async function indexTextFile(path: string | URL, options: IndexTextOptions = {}): Promise<IndexedTextFile> {
  checkOptions('indexTextFile', options, indexTable);
  const name = typeof path === 'string' ? path : fileURLToPath(path);
  // A pipe would be waited for when it is opened.
  const stats = await stat(path);
  if (!stats.isFile()) throw notRegular(name, stats);
  const handle = await open(path, constants.O_RDONLY);
  try {
    const indexer = new TextIndexer(name, { normalizeLineEnds: options.normalizeLineEnds ?? false });
    await goOver(handle, indexer, options);
    return indexed(name, handle, indexer, options.normalizeLineEnds ?? false);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function goOver(handle: FileHandle, indexer: TextIndexer, { progress, signal }: IndexTextOptions): Promise<void> {
  // A file that grows all the while has an end all the same.
  const { size } = await handle.stat();
  const buffer = new Uint8Array(pieceBytes);
  for (let held = 0, ended = false; !ended;) {
    signal?.throwIfAborted();
    const at = indexer.bytes + held;
    const { bytesRead } = await handle.read(buffer, held, Math.min(buffer.length - held, size - at), at);
    const filled = held + bytesRead;
    ended = bytesRead === 0 || at + bytesRead === size;
    const taken = indexer.push(buffer.subarray(0, filled), ended);
    buffer.copyWithin(0, taken, filled);
    held = filled - taken;
    progress?.(indexer.bytes, size);
  }
}

function indexed(name: string, handle: FileHandle, indexer: TextIndexer, normalize: boolean): IndexedTextFile {
  const { length, offsets, checksums, bytes: end } = indexer;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** The text of some blocks. */
  const readBlocks = async (first: number, last: number): Promise<string> => {
    const begin = offsets[first] as number;
    const bytes = new Uint8Array((offsets[last] ?? end) - begin);
    await fillFrom(handle, bytes, begin);
    for (let block = first; block < last; block++) {
      const from = offsets[block] as number;
      const checksum = crc32(bytes.subarray(from - begin, (offsets[block + 1] ?? end) - begin));
      if (checksum !== checksums[block]) {
        throw new DataError(
          `${name} was changed since it was gone over: what it has from byte ${from} on is another text. Train on a copy that stays as it is.`,
        );
      }
    }
    const text = decoder.decode(bytes);
    return normalize ? text.replaceAll('\r\n', '\n') : text;
  };
  return {
    length,
    counts: indexer.counts(),
    sha256: indexer.sha256(),
    items(vocabulary) {
      if (vocabulary.kind !== 'characters') {
        throw new ArgumentError(
          `indexTextFile: items need a vocabulary of characters, but this one is of ${vocabulary.kind}. Give textFile(path) to contiguousStreams instead.`,
        );
      }
      return {
        length,
        async read(from, to) {
          requireRange(from, to, length);
          if (from === to) return new Int32Array(0);
          const first = Math.floor(from / blockLength);
          const ids = vocabulary.encode(await readBlocks(first, Math.ceil(to / blockLength)));
          return ids.subarray(from - first * blockLength, to - first * blockLength);
        },
      };
    },
    close: () => handle.close(),
  };
}

function requireRange(from: number, to: number, length: number): void {
  if (Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to && to <= length) return;
  throw new ArgumentError(`read: there are ${length} items, and none from ${from} to ${to}.`);
}

function notRegular(name: string, stats: Stats): DataError {
  const kind = stats.isDirectory()
    ? 'a directory'
    : stats.isFIFO()
      ? 'a pipe'
      : stats.isSocket()
        ? 'a socket'
        : 'a device';
  return new DataError(
    `${name} cannot be read as a text: it is ${kind}. A text is read more than once, and from any place on; name a regular file, or write it to one first.`,
  );
}
