import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArgumentError, type StateStore, type StoredArray } from '@tempograd/core';
import { readSafetensors, SafetensorsError, writeSafetensors } from '../safetensors/index.js';
import { absolutePath } from './absolutePath.js';
import { sweepUnfinishedSync, unfinishedBeside } from './unfinished.js';

/**
 * Keeps states of checkpointed backpropagation in files of a folder, which is made when it is needed; several runs and processes may
 * share one. A file is there from the step that puts a state to the one that needs it again, and removed after errors too; what a
 * killed process left is removed by the next one that begins.
 */
export function fileStateStore(folder: string | URL): StateStore {
  const base = absolutePath(folder);
  const files = new Map<string, string>();
  const fileOf = (key: string): string => {
    const file = files.get(key);
    if (file === undefined) throw new ArgumentError(`fileStateStore: nothing was put under "${key}" in ${base}.`);
    return file;
  };
  return {
    put(key, arrays) {
      if (files.has(key))
        throw new ArgumentError(`fileStateStore: there is a state under "${key}" in ${base} already.`);
      const bytes = writeSafetensors(new Map(arrays.map((array, index) => [String(index), array])));
      mkdirSync(base, { recursive: true });
      sweepUnfinishedSync(base, Date.now());
      // The name of what is not finished: states end with their process.
      const file = unfinishedBeside(join(base, 'state'));
      try {
        writeFileSync(file, bytes, { flag: 'wx' });
      } catch (error) {
        rmSync(file, { force: true });
        throw error;
      }
      files.set(key, file);
    },
    get(key) {
      const file = fileOf(key);
      const tensors = tensorsOf(file, key);
      return Array.from({ length: tensors.size }, (_, index) => tensors.get(String(index)) as StoredArray);
    },
    delete(key) {
      const file = files.get(key);
      if (file === undefined) return;
      files.delete(key);
      rmSync(file, { force: true });
    },
  };
}

/** @throws SafetensorsError naming the file that is gone, or was changed. */
function tensorsOf(file: string, key: string): ReadonlyMap<string, StoredArray> {
  try {
    return readSafetensors(readFileSync(file)).tensors;
  } catch (cause) {
    const why =
      (cause as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'is gone: something else removed it'
        : `cannot be read: ${cause instanceof SafetensorsError ? cause.message : String(cause)}`;
    throw new SafetensorsError(
      `The state "${key}" that checkpointed backpropagation put into ${file} ${why}. The update cannot be finished; take it again.`,
      { cause },
    );
  }
}
