import { uniformValues } from '@tempograd/core';
import { expect, test } from 'vitest';
import { useGpu } from '../support/agreement.js';

const backend = useGpu();

async function draw(key: readonly [number, number], size: number, offset: number): Promise<number[]> {
  const gpu = backend();
  const handle = gpu.randomUniform!([size], 'f32', key, offset);
  const values = await gpu.read({ handle, shape: [size], dtype: 'f32' });
  gpu.release(handle);
  return [...values];
}

test('words that the authors of Threefry publish', async () => {
  const words = [0x6b200159, 0x99ba4efe].map((word) => (word >>> 8) * 2 ** -24);
  expect(await draw([0, 0], 2, 0)).toEqual(words);
});

test.each([0, 1, 7, 2 ** 32 - 3, 2 ** 33 - 5, 2 ** 40 + 1, 2 ** 52 - 7])(
  'the stream from word %i on',
  async (offset) => {
    for (const key of [
      [0x13198a2e, 0x03707344],
      [0xffffffff, 0xdeadbeef],
    ] as const) {
      for (const size of [0, 1, 2, 7, 8, 9, 1001]) {
        expect(await draw(key, size, offset)).toEqual([...uniformValues(key, size, offset)]);
      }
    }
  },
);

test('more numbers than one axis of a dispatch has workgroups', async () => {
  const [key, size] = [[1, 2], 65_535 * 512 + 9] as const;
  const gpu = backend();
  const handle = gpu.randomUniform!([size], 'f32', key, 0);
  const values = await gpu.read({ handle, shape: [size], dtype: 'f32' });
  gpu.release(handle);
  for (const at of [0, 12_345_678, size - 40]) {
    expect([...values.subarray(at, at + 40)]).toEqual([...uniformValues(key, 40, at)]);
  }
});
