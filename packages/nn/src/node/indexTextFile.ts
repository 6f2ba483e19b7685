import { constants, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { fingerprintOf } from '../data/fingerprint.js';
import { DataError, type RandomAccessItems, type Vocabulary } from '../data/index.js';
import { signalKind } from '../fit/kinds.js';
import { TextIndexer } from './TextIndexer.js';
import { encodePart, type TextUnit } from './textUnits.js';

/** How to go over a text file. */
export interface IndexTextOptions {
  /** What its items are, and what the vocabulary must be of; default is characters. Bytes may be anything, not text alone. */
  readonly unit?: TextUnit;
  /** Takes `\r\n` as the one character `\n`, but not among bytes; default is false. */
  readonly normalizeLineEnds?: boolean;
  /** Is told now and then how many of how many bytes have been gone over. */
  readonly progress?: (bytes: number, of: number) => void;
  /** Stops it: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

const indexTable = optionTable<IndexTextOptions>({
  unit: ['characters', 'words', 'bytes'],
  normalizeLineEnds: 'boolean',
  progress: 'function',
  signal: signalKind,
});

/** A text file that was gone over once, and can be read from any item on. */
export interface IndexedTextFile {
  readonly unit: TextUnit;
  /** Items in it: characters (code points), a byte order mark apart, or words as `wordVocabulary` has them, or bytes. */
  readonly length: number;
  /**
   * How often each item occurs: characters in the order of code points; words in the order in which they were met, the rarest left out
   * where more than half a million differ; bytes as the character with the byte's number.
   */
  readonly counts: ReadonlyMap<string, number>;
  /** Hash of the text in UTF-8, or of the bytes, as hexadecimal digits: tells whether another text is the same. */
  readonly sha256: string;
  /**
   * Its items as numbers, for `contiguousStreams`.
   * @throws ArgumentError for a vocabulary of another unit.
   */
  items(vocabulary: Vocabulary): RandomAccessItems;
  /** Closes the file. */
  close(): Promise<void>;
}

/** Bytes that are read at once when it is gone over. */
const pieceBytes = 1 << 20;

/**
 * Goes over a text file in UTF-8 once: counts its characters, words or bytes, for a vocabulary, and notes where some of them begin, so
 * that it can be read from any of them on. Memory does not grow with its length, but for 32 bytes each 16,384 of the file.
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
  const { unit = 'characters', normalizeLineEnds = false } = options;
  try {
    const indexer = new TextIndexer(name, { normalizeLineEnds, unit });
    await goOver(name, handle, indexer, options);
    return indexed(handle, indexer, unit, normalizeLineEnds);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function goOver(
  name: string,
  handle: FileHandle,
  indexer: TextIndexer,
  { progress, signal }: IndexTextOptions,
): Promise<void> {
  // A file that grows all the while has an end all the same.
  const { size } = await handle.stat();
  const buffer = new Uint8Array(pieceBytes);
  for (let held = 0, ended = false; !ended;) {
    signal?.throwIfAborted();
    const at = indexer.bytes + held;
    const { bytesRead } = await handle.read(buffer, held, Math.min(buffer.length - held, size - at), at);
    const filled = held + bytesRead;
    ended = at + bytesRead === size;
    if (bytesRead === 0 && !ended) {
      throw new DataError(
        `${name} was cut to ${at} of its ${size} bytes while it was gone over. Train on a copy that stays as it is.`,
      );
    }
    const taken = indexer.push(buffer.subarray(0, filled), ended);
    buffer.copyWithin(0, taken, filled);
    held = filled - taken;
    progress?.(indexer.bytes, size);
  }
}

function indexed(handle: FileHandle, indexer: TextIndexer, unit: TextUnit, normalize: boolean): IndexedTextFile {
  const { length, index, checksums } = indexer;
  const sha256 = indexer.sha256();
  return {
    unit,
    length,
    counts: indexer.counts(),
    sha256,
    items(vocabulary) {
      if (vocabulary.kind !== unit) throw otherUnit(unit, vocabulary.kind);
      return {
        length,
        get fingerprint() {
          return fingerprintOf({ sha256, vocabulary });
        },
        async read(from, to) {
          requireRange(from, to, length);
          if (from === to) return new Int32Array(0);
          const { item, state, begin, end } = index.around(from, to);
          const ids = encodePart(vocabulary, await checksums.read(handle, begin, end), state, normalize);
          return ids.subarray(from - item, to - item);
        },
      };
    },
    close: () => handle.close(),
  };
}

function otherUnit(unit: TextUnit, kind: Vocabulary['kind']): ArgumentError {
  return new ArgumentError(
    `indexTextFile: the text was indexed by ${unit}, so that its items need a vocabulary of ${unit}, but this one is of ${kind}. ` +
      (kind === 'tokens'
        ? 'Give textFile(path) to contiguousStreams instead.'
        : `Give it { unit: '${kind}' }, or textFile(path) to contiguousStreams instead.`),
  );
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
