import { quirksOf } from '../src/quirks.js';
import '@tensorflow/tfjs-backend-cpu';
import './support/wasm.js';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, test } from 'vitest';

// Each holds tfjs itself to what the adapter goes around: when one fails, tfjs was mended and the detour can go.
describe.each(['cpu', 'wasm'])('tfjs %s', (device) => {
  const quirks = quirksOf(device);

  beforeEach(async () => {
    await tf.setBackend(device);
  });

  test('maximum and minimum of NaN', () => {
    const numbers = [
      tf.maximum(tf.tensor1d([NaN, Infinity]), tf.tensor1d([Infinity, NaN])),
      tf.minimum(tf.tensor1d([NaN, 1]), tf.tensor1d([1, NaN])),
    ];
    const lost = numbers.some((x) => [...x.dataSync()].some((value) => !Number.isNaN(value)));
    expect(lost).toBe(quirks.extremesLoseNaN);
  });

  test('log1p near 0', () => {
    expect(Math.abs((tf.log1p(tf.scalar(1e-7)).dataSync()[0] as number) / 1e-7 - 1) > 0.01).toBe(
      quirks.log1pLosesSmall,
    );
  });

  test('relu of −∞, sine, reading at once', () => {
    expect(Number.isNaN(tf.relu(tf.tensor1d([-Infinity])).dataSync()[0])).toBe(quirks.reluOfInfinityIsNaN);
    expect(Math.abs((tf.sin(tf.scalar(2)).dataSync()[0] as number) - Math.sin(2)) > 1e-5).toBe(quirks.coarseSine);
    expect(quirks.noSyncRead).toBe(false);
  });

  test('the sign of NaN is 0, and an empty choice has an element', () => {
    expect(tf.sign(tf.tensor1d([NaN])).dataSync()[0]).toBe(0);
    const none = tf.where<tf.Tensor>(tf.tensor1d([], 'bool'), tf.scalar(1), tf.tensor1d([]));
    expect(none.dataSync().length).toBe(1);
  });
});

test('unsortedSegmentSum, by which tfjs differentiates an embedding, is not there on wasm', async () => {
  await tf.setBackend('wasm');
  const sums = (): tf.Tensor => tf.unsortedSegmentSum(tf.ones([3, 2]), tf.tensor1d([1, 1, 0], 'int32'), 4);
  expect(sums).toThrow(/UnsortedSegmentSum/);
  await tf.setBackend('cpu');
  expect([...sums().dataSync()]).toEqual([1, 1, 2, 2, 0, 0, 0, 0]);
});
