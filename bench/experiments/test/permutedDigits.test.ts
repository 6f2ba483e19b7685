import { key } from '@tempograd/core';
import { expect, test } from 'vitest';
import { digits, shuffledOrder } from '../src/permutedDigits/digits.js';
import { permutedDigits } from '../src/permutedDigits/permutedDigits.js';

test('a GRU tells digits it never saw better than by guessing, in either order of the pixels', async () => {
  const { pixels, training, test: held, readers } = await permutedDigits.run({ size: 'small', seed: 1 });
  expect([pixels, training, held]).toEqual([49, 400, 100]);
  expect(readers.map(({ order }) => order)).toEqual(['by rows', 'permuted']);
  for (const { looks } of readers) expect(looks.at(-1)?.[1]).toBeGreaterThan(0.2);
});

test('pictures are pooled to their means, and permuted all in the same order', async () => {
  const order = shuffledOrder(key(1), 196);
  expect([...order].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 196 }, (_, at) => at));
  expect([...order]).not.toEqual([...shuffledOrder(key(2), 196)]);
  const [whole, small, permuted] = [await digits(1, 5), await digits(2, 5), await digits(2, 5, order)];
  expect([whole.training.length, whole.test.length]).toEqual([40, 10]);
  expect(whole.training.map(({ targets }) => targets).slice(0, 9)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2]);
  for (const [at, { inputs }] of small.training.entries()) {
    const pixels = whole.training[at]?.inputs as Float32Array;
    const corner = [0, 1, 28, 29].map((offset) => pixels[10 * 28 + 14 + offset] as number);
    expect(inputs[5 * 14 + 7]).toBeCloseTo(corner.reduce((a, b) => a + b, 0) / 4, 6);
    expect(permuted.training[at]?.inputs).toEqual(Float32Array.from(order, (pixel) => inputs[pixel] as number));
  }
});
