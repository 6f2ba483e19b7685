import { createBackend as createReference } from '@tempograd/backend-js';
import { tfjs } from '@tempograd/backend-tfjs';
import { createBackend as createWasmBackend } from '@tempograd/backend-wasm';
import { disposeTree, keep, key, scope, truncatedBptt, useBackend, type Backend } from '@tempograd/core';
import { adam, characterVocabulary, charModel, contiguousStreams, fit } from '@tempograd/nn';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, test } from 'vitest';
import { setDevice } from './setDevice.js';

const text = Array.from({ length: 60 }, (_, n) => `the cat ${n % 3 === 0 ? 'sat' : 'ran'} on. `).join('');

/** How long to train, and how fast. */
interface Training {
  readonly updates: number;
  /** Steps of each update; default is 8. */
  readonly steps?: number;
  /** Default is 0.01. */
  readonly learningRate?: number;
}

/** Few, short and large steps: the loss halves, and a device that compiles for each shape has compiled everything after one. */
const brief: Training = { updates: 34, steps: 4, learningRate: 0.02 };

/** The losses of a small model's first updates on a backend. */
async function losses(backend: Backend, { updates, steps = 8, learningRate = 0.01 }: Training): Promise<number[]> {
  useBackend(backend);
  const vocabulary = characterVocabulary(text);
  const task = charModel({ vocabulary: vocabulary.size, embedding: 6, hidden: 12 });
  const params = scope(() => keep(task.init(key(1))));
  const data = contiguousStreams(text, { vocabulary, batch: 4, steps });
  const strategy = truncatedBptt({ updateEvery: steps });
  const curve: number[] = [];
  for await (const { loss } of fit({
    task,
    params,
    data,
    strategy,
    optimiser: adam({ learningRate }),
    clip: { norm: 1 },
    updates,
  })) {
    curve.push(loss);
  }
  disposeTree(params);
  return curve;
}

/** How far the loss of an update may be from the reference's, which computes in f32 too. */
const tolerance = 1e-3;

/** Declares the test that a character model learns on a backend as it does on the reference, and leaves nothing behind. */
function testCurve(name: string, start: () => Promise<Backend>, training: Training): void {
  test(`a character model follows the reference's loss over ${training.updates} updates on ${name}`, async () => {
    const backend = await start();
    const curve = await losses(backend, training);
    expect(backend.memory()).toMatchObject({ buffers: 0, bytes: 0 });
    backend.dispose?.();
    const expected = await losses(createReference(), training);
    expect(curve).toHaveLength(training.updates);
    expect(curve.at(-1)).toBeLessThan(0.5 * (curve[0] as number));
    // Adam divides by √v, so that where a gradient is near 0 a rounding of 6e-8 becomes a step; the two drift apart by that.
    for (const [index, loss] of curve.entries()) {
      expect(Math.abs(loss - (expected[index] as number)), `update ${index + 1}`).toBeLessThan(tolerance);
    }
  });
}

/** The test on a device of tfjs, and that tfjs holds nothing more afterwards. */
export function testCharacterModel(device: string): void {
  let before: tf.MemoryInfo;
  testCurve(
    `tfjs ${device}`,
    async () => {
      await setDevice(device);
      const backend = tfjs(tf);
      before = tf.memory();
      return backend;
    },
    brief,
  );
  afterEach(() => {
    const { numTensors, numBytes } = tf.memory();
    expect({ numTensors, numBytes }).toEqual({ numTensors: before.numTensors, numBytes: before.numBytes });
  });
}

/** The test on `@tempograd/backend-wasm`, in Node and in a page: the same curve as on tfjs. */
export function testCharacterModelOnWasm(): void {
  testCurve('@tempograd/backend-wasm', () => createWasmBackend(), { updates: 200 });
}
