import { indexedDbCheckpointStore } from '../../src/browser/indexedDbCheckpointStore.js';
import { privateFileCheckpointStore } from '../../src/browser/privateFileCheckpointStore.js';

interface Task {
  readonly kind: string;
  readonly name: string;
}

addEventListener('message', ({ data }: MessageEvent<Task>) => void saveUntilEnded(data));

/** Saves one checkpoint after the other, of 2 and of 4 everywhere, until the worker is ended. */
async function saveUntilEnded({ kind, name }: Task): Promise<void> {
  const store = (kind === 'IndexedDB' ? indexedDbCheckpointStore : privateFileCheckpointStore)(name);
  postMessage('begun');
  for (let value = 2; ; value = 6 - value) {
    await store.save({
      tensors: new Map([['x', { dtype: 'f32', shape: [200_000], data: new Float32Array(200_000).fill(value) }]]),
      metadata: { value: String(value) },
    });
  }
}
