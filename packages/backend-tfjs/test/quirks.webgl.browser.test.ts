import '@tensorflow/tfjs-backend-webgl';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { quirksOf } from '../src/quirks.js';

// As quirks.test.ts, on webgl: large enough that tfjs does not compute on the CPU.
const quirks = quirksOf('webgl');
const first = (x: tf.Tensor): number => x.dataSync()[0] as number;
const filled = (value: number): tf.Tensor => tf.fill([1000], value);

beforeAll(async () => {
  await tf.setBackend('webgl');
});

test('maximum and minimum of NaN', () => {
  const numbers = [tf.maximum(filled(NaN), filled(1)), tf.minimum(filled(1), filled(NaN))];
  expect(numbers.some((x) => !Number.isNaN(first(x)))).toBe(quirks.extremesLoseNaN);
});

test('log1p near 0, relu of −∞, sine', () => {
  expect(Math.abs(first(tf.log1p(filled(1e-7))) / 1e-7 - 1) > 0.01).toBe(quirks.log1pLosesSmall);
  expect(Number.isNaN(first(tf.relu(filled(-Infinity))))).toBe(quirks.reluOfInfinityIsNaN);
  expect(Math.abs(first(tf.sin(filled(4.6))) - Math.sin(4.6)) > 1e-5).toBe(quirks.coarseSine);
});

test('floatPrecision says 16 where 32 bits are computed with', () => {
  expect(tf.backend().floatPrecision()).toBe(16);
  expect(first(tf.add(filled(1), 2 ** -12))).toBe(1 + 2 ** -12);
});
