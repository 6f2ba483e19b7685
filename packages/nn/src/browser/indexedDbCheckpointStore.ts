import { checkOptions } from '@tempograd/core/backend';
import { CheckpointError, type CheckpointStore } from '../fit/index.js';
import { readSafetensors, writeSafetensors, type ReadOptions } from '../safetensors/index.js';
import { readTable } from '../safetensors/read.js';

const database = 'tempograd';
const table = 'checkpoints';

/**
 * Keeps the newest checkpoint under a name in the origin's IndexedDB, on a page or in a worker. It is replaced in one transaction:
 * whole or not at all, whatever becomes of the page; of several tabs that save under one name the last one's stands. The browser may clear
 * what it keeps for an origin unless `navigator.storage.persist()` was granted.
 * @throws CheckpointError when saving where there is no IndexedDB, or no room.
 */
export function indexedDbCheckpointStore(name: string, options: ReadOptions = {}): CheckpointStore {
  checkOptions('indexedDbCheckpointStore', options, readTable);
  return {
    async save({ tensors, metadata }) {
      const bytes = writeSafetensors(tensors, metadata);
      await inTransaction('readwrite', (store) => store.put(bytes, name));
    },
    async load() {
      const found: unknown = await inTransaction('readonly', (store) => store.get(name));
      return found === undefined ? null : readSafetensors(found as Uint8Array, options);
    },
  };
}

/** What a request gives, once its transaction is complete. The database is closed again, so that no tab holds up another. */
async function inTransaction(
  mode: IDBTransactionMode,
  request: (store: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  const opened = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = opened.transaction(table, mode, { durability: 'strict' });
      const asked = request(transaction.objectStore(table));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(refused(transaction.error ?? asked.error));
    });
  } finally {
    opened.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    if (typeof indexedDB === 'undefined') {
      reject(
        new CheckpointError('There is no IndexedDB here to keep a checkpoint in: it is for pages and their workers.'),
      );
      return;
    }
    const opening = indexedDB.open(database, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(table);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(refused(opening.error));
  });
}

function refused(cause: DOMException | null): CheckpointError {
  return new CheckpointError(
    `IndexedDB does not keep or give the checkpoint (${cause?.name ?? 'no reason'}: ${cause?.message ?? ''}). What was there before is there ` +
      'still. Where there is no room, free some, or ask for more with navigator.storage.persist(); private windows may refuse it.',
    { cause },
  );
}
