import { expect, describe, test } from 'vitest';
import { builds, loadKernels } from './kernels.js';

const gib = 2 ** 30;
const [lstm, gru] = [2, 3];
/** A fringe of 65 rows of a panel. */
const fringe = 65 * 64;

/** An argument block of the recurrent kernels with these sizes; every pointer is one that is not null, row numbers are not. */
function block(cell: number, time: number, batch: number, inputs: number, hidden: number): Int32Array {
  const words = new Int32Array(35).fill(64);
  words.set([cell, time, batch, inputs, hidden, 0]);
  words[33] = 0;
  words[34] = 0;
  return words;
}

describe.each(builds)('sizes of scratch, %s build', async (build) => {
  const kernels = await loadKernels(build, 1);
  const bytesOf = (name: string, words: Int32Array | readonly number[], parts = 1): number =>
    kernels.exports[`${name}Bytes`]!(kernels.put(Int32Array.from(words)), parts);

  test.each([
    [511, 2 * gib - 2 ** 22],
    [512, 2 * gib],
    [1023, 4 * gib - 2 ** 22],
    [1024, 4 * gib],
    [2048, 8 * gib],
  ])('gradients of a gru’s gates over %i steps of 512 rows and 512 units', (time, bytes) => {
    expect(bytesOf('recurrentGateGradient', block(gru, time, 512, 8, 512))).toBe(bytes);
  });

  test.each([
    [8192, gib],
    [2 ** 14, 4 * gib],
    [2 ** 15, 16 * gib],
  ])('packed weights of an lstm of %i units', (hidden, bytes) => {
    // Sixteen inputs, or their gradient, are one panel beside the recurrent weights.
    expect(bytesOf('recurrentForwardPacked', block(lstm, 16, 1, 16, hidden))).toBe(bytes + 4 * hidden * 64);
    expect(bytesOf('recurrentBackwardPacked', block(lstm, 16, 1, 16, hidden))).toBe(bytes + 4 * hidden * 64);
  });

  test.each([
    [2 ** 12, 2 * gib],
    [2 ** 13, 4 * gib],
  ])('a part’s own states, of %i rows of 2¹⁷ units', (batch, bytes) => {
    const args = block(lstm, 1, batch, 1, 2 ** 17);
    expect(bytesOf('recurrentBackwardScratch', args)).toBe(fringe + 2 * bytes);
    // Biases, and the inputs' share of a step's gates.
    expect(bytesOf('recurrentForwardScratch', args)).toBe(fringe + 2 ** 21 + 4 * bytes);
    // Where nothing is saved also the gates of a step; h of two steps, and c.
    args.fill(0, 17, 20);
    expect(bytesOf('recurrentForwardScratch', args)).toBe(fringe + 2 ** 21 + 4 * bytes + 4 * bytes + 3 * bytes);
  });

  test('a product packs a bounded stretch of its sum, however long that is', () => {
    const ofLength = (k: number, flags: number): number =>
      bytesOf('productScratch', [2, 2, k, 64, k, 64, 2, 64, 2, 0, flags, 1, 0, 0, 0]);
    for (const flags of [0, 1, 2, 3]) {
      expect(ofLength(2 ** 26, flags)).toBe(ofLength(2 ** 13, flags));
      expect(ofLength(2 ** 13, flags)).toBeLessThan(2 ** 20);
    }
  });
});
