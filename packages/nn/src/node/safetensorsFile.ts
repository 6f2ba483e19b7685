import { readFile } from 'node:fs/promises';
import { checkOptions } from '@tempograd/core/backend';
import {
  readSafetensors,
  SafetensorsError,
  writeSafetensors,
  type ReadOptions,
  type SafetensorsFile,
} from '../safetensors/index.js';
import { readTable } from '../safetensors/read.js';
import { writeWhole } from './writeWhole.js';

/** Reads a safetensors file. @throws SafetensorsError naming the file when it is damaged; the system's error when it is not there. */
export async function readSafetensorsFile(path: string | URL, options: ReadOptions = {}): Promise<SafetensorsFile> {
  checkOptions('readSafetensorsFile', options, readTable);
  const bytes = await readFile(path);
  try {
    return readSafetensors(bytes, options);
  } catch (cause) {
    if (cause instanceof SafetensorsError) throw new SafetensorsError(`${String(path)}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** Writes a safetensors file, whole or not at all. */
export function writeSafetensorsFile(path: string | URL, { tensors, metadata }: SafetensorsFile): Promise<void> {
  return writeWhole(path, writeSafetensors(tensors, metadata));
}
