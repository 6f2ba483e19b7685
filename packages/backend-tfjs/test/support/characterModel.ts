import { createBackend as createReference } from '@tempograd/backend-js';
import { tfjs } from '@tempograd/backend-tfjs';
import { disposeTree, keep, key, scope, truncatedBptt, useBackend, type Backend } from '@tempograd/core';
import { adam, characterVocabulary, charModel, contiguousStreams, fit } from '@tempograd/nn';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

const text = Array.from({ length: 60 }, (_, n) => `the cat ${n % 3 === 0 ? 'sat' : 'ran'} on. `).join('');

/** The losses of a small model's first updates on a backend. */
async function losses(backend: Backend, updates: number): Promise<number[]> {
  useBackend(backend);
  const vocabulary = characterVocabulary(text);
  const task = charModel({ vocabulary: vocabulary.size, embedding: 6, hidden: 12 });
  const params = scope(() => keep(task.init(key(1))));
  const data = contiguousStreams(text, { vocabulary, batch: 4, steps: 8 });
  const strategy = truncatedBptt({ updateEvery: 8 });
  const curve: number[] = [];
  for await (const { loss } of fit({
    task,
    params,
    data,
    strategy,
    optimiser: adam({ learningRate: 0.01 }),
    clip: { norm: 1 },
    updates,
  })) {
    curve.push(loss);
  }
  disposeTree(params);
  return curve;
}

/** Declares the test that a character model learns on a device of tfjs as it does on the reference, and leaves nothing behind. */
export function testCharacterModel(device: string, updates = 200): void {
  test(
    `a character model follows the reference's loss over ${updates} updates on tfjs ${device}`,
    { timeout: 300_000 },
    async () => {
      await tf.setBackend(device);
      const backend = tfjs(tf);
      const before = tf.memory();
      const curve = await losses(backend, updates);
      const { numTensors, numBytes } = tf.memory();
      expect({ numTensors, numBytes }).toEqual({ numTensors: before.numTensors, numBytes: before.numBytes });
      expect(backend.memory()).toMatchObject({ buffers: 0, bytes: 0 });
      const expected = await losses(createReference(), updates);
      expect(curve).toHaveLength(updates);
      expect(curve.at(-1)).toBeLessThan(0.5 * (curve[0] as number));
      // Adam divides by √v, so that where a gradient is near 0 a rounding of 6e-8 becomes a step; the two drift apart by that.
      for (const [index, loss] of curve.entries()) {
        expect(Math.abs(loss - (expected[index] as number)), `update ${index + 1}`).toBeLessThan(1e-3);
      }
    },
  );
}
