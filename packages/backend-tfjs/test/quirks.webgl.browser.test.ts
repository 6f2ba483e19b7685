import '@tensorflow/tfjs-backend-webgl';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { testQuirks } from './support/testQuirks.js';

testQuirks('webgl');

test('floatPrecision says 16 where 32 bits are computed with', () => {
  expect(tf.backend().floatPrecision()).toBe(16);
  expect(tf.add(tf.fill([2000], 1), 2 ** -12).dataSync()[0]).toBe(1 + 2 ** -12);
});
