import { checkOptions } from '@tempograd/core/backend';
import { CheckpointError, type CheckpointStore } from '../fit/index.js';
import { readSafetensors, writeSafetensors, type ReadOptions } from '../safetensors/index.js';
import { readTable } from '../safetensors/read.js';

/**
 * Keeps the newest checkpoint as a file of the origin's private file system, on a page or in a worker: for checkpoints of hundreds of
 * megabytes, which IndexedDB copies more often. The browser writes beside the file and puts the new one in its place: whole or not at all,
 * whatever becomes of the page; of several tabs that save under one name the last one's stands. It may clear what it keeps for an
 * origin unless `navigator.storage.persist()` was granted. `name` has no slashes.
 * @throws CheckpointError when saving where there is no such file system (it takes https, or localhost), or no room.
 */
export function privateFileCheckpointStore(name: string, options: ReadOptions = {}): CheckpointStore {
  checkOptions('privateFileCheckpointStore', options, readTable);
  return {
    async save({ tensors, metadata }) {
      const bytes = writeSafetensors(tensors, metadata);
      const folder = await root();
      await orRefused(async () => {
        const file = await folder.getFileHandle(name, { create: true });
        const writable = await file.createWritable();
        try {
          await writable.write(bytes as Uint8Array<ArrayBuffer>);
        } catch (error) {
          await writable.abort();
          throw error;
        }
        await writable.close();
      });
    },
    async load() {
      const folder = await root();
      const bytes = await orRefused(async () => {
        try {
          return new Uint8Array(await (await (await folder.getFileHandle(name)).getFile()).arrayBuffer());
        } catch (error) {
          if ((error as DOMException).name === 'NotFoundError') return null;
          throw error;
        }
      });
      // A first checkpoint that was never finished has left an empty file.
      return bytes === null || bytes.length === 0 ? null : readSafetensors(bytes, options);
    },
  };
}

async function root(): Promise<FileSystemDirectoryHandle> {
  const storage = typeof navigator === 'undefined' ? undefined : (navigator.storage as StorageManager | undefined);
  if (typeof storage?.getDirectory === 'function') return orRefused(() => storage.getDirectory());
  throw new CheckpointError(
    'There is no private file system here to keep a checkpoint in: it is for pages on https or localhost, and their workers. ' +
      'indexedDbCheckpointStore(name) works on more.',
  );
}

async function orRefused<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new CheckpointError(
      `The private file system does not keep or give the checkpoint (${String(cause)}). What was there before is there still. ` +
        'Where there is no room, free some, or ask for more with navigator.storage.persist().',
      { cause },
    );
  }
}
