import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { codeOf, Failure } from '../Failure.js';

/** A text to learn. */
export interface Text {
  /** For people. */
  readonly title: string;
  /** For file names. */
  readonly name: string;
  readonly content: string;
}

/**
 * The text in a file, in UTF-8, without its byte order mark and with `\n` at the ends of lines; without a file, Moby Dick.
 * @throws Failure for a file that is missing, unreadable, empty or not UTF-8.
 */
export async function readText(file?: string): Promise<Text> {
  if (file === undefined) return (await import('./mobyDick.js')).mobyDick();
  const bytes = await readBytes(file, 'text');
  const content = decode(bytes, file).replaceAll('\r\n', '\n');
  if (content.trim() === '')
    throw new Failure(`The text ${file} is empty. Give one of a few thousand characters or more.`);
  return { title: basename(file), name: basename(file, extname(file)), content };
}

/** A file's bytes. @throws Failure that says what kind of file could not be read, and why. */
export async function readBytes(file: string, kind: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new Failure(`The ${kind} ${file} cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file; check the path';
    case 'EISDIR':
      return 'it is a directory; name a file in it';
    case 'EACCES':
    case 'EPERM':
      return 'you may not read it';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    // Also leaves out a byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Failure(
      `The text ${file} is not in UTF-8. Convert it: iconv -f ITS-ENCODING -t UTF-8 ${file} > converted.txt`,
      { cause },
    );
  }
}
