import { open, stat, type FileHandle } from 'node:fs/promises';
import { checkOptions } from '@tempograd/core/backend';
import {
  readSafetensors,
  SafetensorsError,
  writeSafetensors,
  type ReadOptions,
  type SafetensorsFile,
} from '../safetensors/index.js';
import { headEnd, parseHead, readTable } from '../safetensors/read.js';
import { fillFrom } from './fillFrom.js';
import { writeWhole } from './writeWhole.js';

/**
 * Reads a safetensors file. The header is read first, so that of what is none no more is read, however long it is.
 * @throws SafetensorsError naming the file when it is damaged or no regular file; the system's error when it is not there.
 */
export async function readSafetensorsFile(path: string | URL, options: ReadOptions = {}): Promise<SafetensorsFile> {
  checkOptions('readSafetensorsFile', options, readTable);
  try {
    return readSafetensors(await readWhole(path), options);
  } catch (cause) {
    if (cause instanceof SafetensorsError) throw new SafetensorsError(`${String(path)}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** Writes a safetensors file, whole or not at all. */
export function writeSafetensorsFile(path: string | URL, { tensors, metadata }: SafetensorsFile): Promise<void> {
  return writeWhole(path, writeSafetensors(tensors, metadata));
}

async function readWhole(path: string | URL): Promise<Uint8Array> {
  // A pipe would be waited for when it is opened.
  if (!(await stat(path)).isFile())
    throw new SafetensorsError('This is no regular file. Name one, or write what it gives to one first.');
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const head = await readUpTo(handle, headEnd(await readUpTo(handle, Math.min(8, size)), size));
    parseHead(head, size);
    return await readUpTo(handle, size);
  } finally {
    await handle.close();
  }
}

async function readUpTo(handle: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = allocate(size);
  await fillFrom(handle, bytes, 0);
  return bytes;
}

function allocate(size: number): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    throw new SafetensorsError(`It has ${size} bytes, for which there is no memory.`, { cause });
  }
}
