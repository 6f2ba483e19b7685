import '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { quirksOf } from '../src/quirks.js';

// In a browser of its own, since it takes the device away from every page. Other drivers may do better.
test('dataSync gives wrong numbers on a software driver, and ends the device', async ({ skip }) => {
  await tf.setBackend('webgpu');
  const { adapterInfo } = tf.backend() as unknown as { adapterInfo: { isIntel(): boolean; architecture?: string } };
  skip(!JSON.stringify(adapterInfo).includes('swiftshader'), 'known of SwiftShader alone');
  const sum = (): tf.Tensor => tf.add(tf.fill([2000], 1.25), 2);
  expect(quirksOf('webgpu').noSyncRead).toBe(true);
  expect((await sum().data())[0]).toBe(3.25);
  expect(sum().dataSync()[0]).not.toBe(3.25);
  await expect(sum().data()).rejects.toThrow(/mapAsync|lost|destroyed/);
});
