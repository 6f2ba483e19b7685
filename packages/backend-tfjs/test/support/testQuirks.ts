import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { quirksOf } from '../../src/quirks.js';
import { setDevice } from './setDevice.js';

const many = 2000;
const filled = (value: number, dtype: 'float32' | 'int32' = 'float32'): tf.Tensor => tf.fill([many], value, dtype);

/** The first element of what `make` gives; everything else is freed. */
async function first(make: () => tf.Tensor): Promise<number> {
  const result = tf.tidy(make);
  const [value] = await result.data();
  result.dispose();
  return value as number;
}

/**
 * Holds tfjs itself, on one device, to what the adapter goes around and `quirksOf` says: when one fails, tfjs was mended and the
 * detour can go.
 */
export function testQuirks(device: 'cpu' | 'wasm' | 'webgl' | 'webgpu'): void {
  const quirks = quirksOf(device);
  const shaders = device === 'webgl' || device === 'webgpu';

  describe(`tfjs ${device}`, () => {
    beforeAll(() => setDevice(device));

    test('maximum and minimum of NaN', async () => {
      const both = [
        () => tf.maximum(filled(NaN), filled(1)),
        () => tf.maximum(filled(1), filled(NaN)),
        () => tf.minimum(filled(NaN), filled(1)),
        () => tf.minimum(filled(1), filled(NaN)),
      ];
      const values = await Promise.all(both.map(first));
      expect(values.some((value) => !Number.isNaN(value))).toBe(quirks.extremesLoseNaN);
    });

    test('log1p near 0, exp of NaN, log of 0', async () => {
      const near = await first(() => tf.log1p(filled(1e-7)));
      expect(Math.abs(near / 1e-7 - 1) > 0.01).toBe(quirks.log1pLosesSmall);
      expect(Number.isNaN(await first(() => tf.exp(filled(NaN))))).toBe(!quirks.expLosesNaN);
      if (!quirks.logIsFinite) expect(await first(() => tf.log(filled(0)))).toBe(-Infinity);
    });

    test('relu of −∞, sine', async () => {
      expect(Number.isNaN(await first(() => tf.relu(filled(-Infinity))))).toBe(quirks.reluOfInfinityIsNaN);
      const error = (await first(() => tf.sin(filled(4.6)))) - Math.sin(4.6);
      expect(Math.abs(error) > 1e-5).toBe(quirks.coarseSine);
    });

    test('the sign of NaN is 0, and an empty choice has an element', async () => {
      expect(await first(() => tf.sign(filled(NaN)))).toBe(0);
      const none = tf.where<tf.Tensor>(tf.tensor1d([], 'bool'), tf.scalar(1), tf.tensor1d([]));
      expect((await none.data()).length).toBe(1);
    });

    test('gather of an index outside throws on cpu and wasm, and gives zeros on shader devices', async () => {
      const beside = (): tf.Tensor => tf.gather(tf.fill([many, 4], 7), filled(many, 'int32'));
      if (shaders) expect(await first(beside)).toBe(0);
      else await expect(first(beside)).rejects.toThrow(/not in \[0, 1999\]/);
    });

    test('cast to int32 of what does not fit', async () => {
      const values = await Promise.all([3e9, -3e9, NaN].map((value) => first(() => tf.cast(filled(value), 'int32'))));
      expect(values).not.toEqual([2 ** 31 - 1, -(2 ** 31), 0]);
    });

    test('matMul where leading axes stretch on both sides', async () => {
      const [a, b] = [tf.tensor([1, 2], [2, 1, 1, 1]), tf.tensor([10, 20, 30], [1, 3, 1, 1])];
      if (shaders) expect(() => tf.matMul(a, b)).toThrow(/must match/);
      else expect([...tf.matMul(a, b).dataSync()]).not.toEqual([10, 20, 30, 20, 40, 60]);
    });

    test('transposed integers', async () => {
      const numbers = Int32Array.from({ length: many }, (_, n) => n + 1);
      const turned = tf.transpose(tf.tensor(numbers, [4, 5, many / 20], 'int32'), [1, 0, 2]);
      const [one] = (await turned.data()).slice(many / 20);
      expect(one === 1 + many / 4).toBe(!quirks.integersStayPut);
    });
  });
}
