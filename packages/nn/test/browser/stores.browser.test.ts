import { createBackend } from '@tempograd/backend-js';
import { disposeTree, keep, key, scope, truncatedBptt, useBackend } from '@tempograd/core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adam,
  characterVocabulary,
  charModel,
  contiguousStreams,
  fit,
  predictor,
  readTree,
  SafetensorsError,
  type Checkpoint,
  type CheckpointStore,
  type SavedModel,
} from '../../src/index.js';
import {
  downloadModel,
  indexedDbCheckpointStore,
  loadModel,
  privateFileCheckpointStore,
} from '../../src/browser/index.js';

beforeAll(() => {
  useBackend(createBackend());
});

const vocabulary = characterVocabulary('abcd');

function model(): SavedModel {
  const task = charModel({ vocabulary: 4, embedding: 2, hidden: 3 });
  return { model: task, params: scope(() => keep(task.init(key(1)))), vocabulary };
}

const checkpoint = (value: number, length = 1000): Checkpoint => ({
  tensors: new Map([['x', { dtype: 'f32', shape: [length], data: new Float32Array(length).fill(value) }]]),
  metadata: { value: String(value) },
});

/** The one number that a whole checkpoint has everywhere. */
function valueOf(loaded: Checkpoint | null): number {
  const data = loaded?.tensors.get('x')?.data ?? new Float32Array(0);
  expect(new Set(data)).toEqual(new Set([Number(loaded?.metadata['value'])]));
  return data[0] as number;
}

let nameCount = 0;

describe.each<[string, (name: string) => CheckpointStore]>([
  ['IndexedDB', indexedDbCheckpointStore],
  ['private files', privateFileCheckpointStore],
])('checkpoints in %s', (kind, storeOf) => {
  const fresh = (): [CheckpointStore, string] => {
    const name = `store-${Date.now()}-${nameCount++}`;
    return [storeOf(name), name];
  };

  test('are not there, are there, and are replaced', async () => {
    const [store] = fresh();
    expect(await store.load()).toBeNull();
    await store.save(checkpoint(1));
    expect(valueOf(await store.load())).toBe(1);
    await store.save(checkpoint(2, 10));
    expect(valueOf(await store.load())).toBe(2);
    expect(await fresh()[0].load()).toBeNull();
  });

  test('saved from two places at once are one of the two, whole', async () => {
    const [store, name] = fresh();
    const other = storeOf(name);
    for (let round = 0; round < 5; round++) {
      await Promise.all([store.save(checkpoint(1, 20_000)), other.save(checkpoint(2, 5000))]);
      expect([1, 2]).toContain(valueOf(await store.load()));
    }
  });

  test('stay whole when a worker that saves is ended in the middle', async () => {
    const [store, name] = fresh();
    await store.save(checkpoint(1, 200_000));
    const worker = new Worker(new URL('./saveUntilEnded.ts', import.meta.url), { type: 'module' });
    await new Promise((resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = reject;
      worker.postMessage({ kind, name });
    });
    await new Promise((resolve) => setTimeout(resolve, 25));
    worker.terminate();
    expect([1, 2, 4]).toContain(valueOf(await store.load()));
    await store.save(checkpoint(3));
    expect(valueOf(await store.load())).toBe(3);
  });

  test('carry a training on', async () => {
    const [store] = fresh();
    const training = (params: SavedModel['params'], updates: number, resume: Checkpoint | null) =>
      fit({
        task: model0.model,
        params,
        data: contiguousStreams('abcdabcdabcdabcdabcdabcd', { vocabulary, batch: 2, steps: 3 }),
        strategy: truncatedBptt({ updateEvery: 3 }),
        optimiser: adam({ learningRate: 0.1 }),
        updates,
        epochs: Infinity,
        checkpoint: { store, every: 2 },
        resume,
      });
    const model0 = model();
    const [whole, halves] = [model().params, model().params];
    for await (const _ of training(whole, 4, null));
    const [again] = fresh();
    await again.save((await store.load()) as Checkpoint);
    for await (const _ of training(halves, 2, null));
    const later = model().params;
    for await (const _ of training(later, 4, await store.load()));
    expect(await readTree(later)).toEqual(await readTree(whole));
    disposeTree([model0.params, whole, halves, later]);
  });
});

test('a checkpoint that was damaged in the store is refused', async () => {
  const root = await navigator.storage.getDirectory();
  const writable = await (await root.getFileHandle('damaged', { create: true })).createWritable();
  await writable.write('not a checkpoint');
  await writable.close();
  await expect(privateFileCheckpointStore('damaged').load()).rejects.toThrow(SafetensorsError);
});

test('a name that is no name is refused in words', async () => {
  await expect(privateFileCheckpointStore('a/b').save(checkpoint(1))).rejects.toThrow(
    /private file system does not keep/,
  );
});

describe('models', () => {
  test('are downloaded, and read from the file that is dropped in', async () => {
    const saved = model();
    const links: HTMLAnchorElement[] = [];
    const click = HTMLAnchorElement.prototype.click;
    HTMLAnchorElement.prototype.click = function (this: HTMLAnchorElement) {
      links.push(this);
    };
    try {
      await downloadModel('letters', { ...saved, metrics: { loss: 1.5 } });
    } finally {
      HTMLAnchorElement.prototype.click = click;
    }
    const [link] = links as [HTMLAnchorElement];
    expect(link.download).toBe('letters.safetensors');
    const transfer = new DataTransfer();
    transfer.items.add(new File([await (await fetch(link.href)).blob()], link.download));
    const dropped = new Promise<DragEvent>((resolve) => addEventListener('drop', resolve, { once: true }));
    dispatchEvent(new DragEvent('drop', { dataTransfer: transfer }));
    const file = (await dropped).dataTransfer?.files[0] as File;
    for (const source of [file, link.href, await file.arrayBuffer(), new Uint8Array(await file.arrayBuffer())]) {
      const read = await loadModel(source);
      expect(read.metrics).toEqual({ loss: 1.5 });
      expect(await readTree(read.params)).toEqual(await readTree(saved.params));
      const predict = predictor(read.model, read.params, { vocabulary: read.vocabulary });
      expect((await predict.generateEach(['ab'], { length: 5 }))[0]).toHaveLength(5);
      disposeTree(read.params);
    }
    await expect(loadModel(new File(['junk junk junk'], 'cat.jpg'))).rejects.toThrow(/^cat\.jpg: .*safetensors/);
    await expect(loadModel(new URL('/no-such-folder/none.safetensors?x', location.href))).rejects.toThrow(
      /none\.safetensors\?x(: This is not a whole safetensors file| cannot be fetched: the server answered 404)/,
    );
    await expect(loadModel(undefined as never)).rejects.toThrow(/a file, an address or bytes are wanted/);
    disposeTree(saved.params);
  });
});
