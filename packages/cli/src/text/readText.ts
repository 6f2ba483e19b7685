import { readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { DataError } from '@tempograd/nn';
import { indexTextFile, type IndexedTextFile, type TextUnit } from '@tempograd/nn/node';
import { Failure } from '../Failure.js';
import type { Interrupt } from '../interrupt.js';
import type { Reading } from '../present/TrainView.js';
import { readReason } from '../readReason.js';
import { fingerprintOf, heldItems, type Text } from './Text.js';

/** Milliseconds that reading may take before it is shown. */
const patience = 1000;

/** Items of a text that is held in memory, so that it does not matter what becomes of its file. */
const mostHeld = 4_000_000;

/** Who stops the reading of a text, and who is shown how far it is. */
export interface ReadTextOptions {
  readonly interrupt: Pick<Interrupt, 'signal' | 'exitCode'>;
  readonly reading: (reading: Reading) => void;
}

/** What a text is called in the names of files. */
export function nameOfText(file: string | undefined): string {
  return file === undefined ? 'moby-dick' : basename(file, extname(file));
}

/**
 * The text in a file, in UTF-8, without its byte order mark and with `\n` at the ends of lines, or its bytes as they are; without a file, Moby Dick. The
 * file is gone over once and then, if the text is long, read where it is needed; none of it is held.
 * @throws Failure for a file that is missing, unreadable, no regular file, empty or not UTF-8, and when it is stopped.
 */
export async function readText(file: string | undefined, unit: TextUnit, options: ReadTextOptions): Promise<Text> {
  if (file === undefined) return (await import('./mobyDick.js')).mobyDick(unit);
  const indexed = await index(file, unit, options);
  if ([...indexed.counts.keys()].join('').trim() === '') {
    await indexed.close();
    throw new Failure(`The text ${file} is empty. Give one of a few thousand characters or more.`);
  }
  const { length, counts, sha256 } = indexed;
  return {
    title: basename(file),
    name: nameOfText(file),
    unit,
    length,
    counts,
    fingerprint: fingerprintOf(sha256),
    async items(vocabulary) {
      const items = indexed.items(vocabulary);
      return length > mostHeld ? items : heldItems(await items.read(0, length));
    },
    close: () => indexed.close(),
  };
}

async function index(file: string, unit: TextUnit, { interrupt, reading }: ReadTextOptions): Promise<IndexedTextFile> {
  const begin = performance.now();
  const title = basename(file);
  try {
    return await indexTextFile(file, {
      unit,
      normalizeLineEnds: true,
      signal: interrupt.signal,
      progress(bytes, of) {
        if (performance.now() - begin > patience) reading({ title, bytes, of });
      },
    });
  } catch (cause) {
    if (interrupt.exitCode !== null) {
      throw new Failure('Stopped while the text was read; nothing was trained.', {
        cause,
        exitCode: interrupt.exitCode,
      });
    }
    if (cause instanceof DataError) throw new Failure(`The text ${cause.message}`, { cause });
    throw new Failure(`The text ${file} cannot be read: ${readReason(cause)}.`, { cause });
  }
}

/** A file's bytes. @throws Failure that says what kind of file could not be read, and why. */
export async function readBytes(file: string, kind: string): Promise<Uint8Array> {
  try {
    // What has no end must not be read to its end.
    if ((await stat(file)).isFile()) return await readFile(file);
  } catch (error) {
    throw new Failure(`The ${kind} ${file} cannot be read: ${readReason(error)}.`, { cause: error });
  }
  throw new Failure(`The ${kind} ${file} cannot be read: it is not a regular file.`);
}
