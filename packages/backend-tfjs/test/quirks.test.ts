import '@tensorflow/tfjs-backend-cpu';
import './support/wasm.js';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { testQuirks } from './support/testQuirks.js';

testQuirks('cpu');
testQuirks('wasm');

test('unsortedSegmentSum, by which tfjs differentiates an embedding, is not there on wasm', async () => {
  await tf.setBackend('wasm');
  const sums = (): tf.Tensor => tf.unsortedSegmentSum(tf.ones([3, 2]), tf.tensor1d([1, 1, 0], 'int32'), 4);
  expect(sums).toThrow(/UnsortedSegmentSum/);
  await tf.setBackend('cpu');
  expect([...sums().dataSync()]).toEqual([1, 1, 2, 2, 0, 0, 0, 0]);
});
