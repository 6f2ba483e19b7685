import { expect, test } from 'vitest';
import { expectResults, type Program } from '../support/oracle.js';
import { describeVariants } from '../support/variants.js';

const key = [0x13198a2e, 0x03707344] as const;

/** One word of the stream, from the paper's definition of Threefry-2x32 with 20 rounds. */
function threefryWord(keys: readonly [number, number], word: number): number {
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
  const block = Math.floor(word / 2);
  const schedule = [keys[0], keys[1], keys[0] ^ keys[1] ^ 0x1bd11bda];
  let x = ((block % 2 ** 32) + keys[0]) | 0;
  let y = (Math.floor(block / 2 ** 32) + keys[1]) | 0;
  for (let round = 0; round < 20; round++) {
    const by = rotations[round % 8]!;
    x = (x + y) | 0;
    y = ((y << by) | (y >>> (32 - by))) ^ x;
    if (round % 4 !== 3) continue;
    const injection = (round + 1) / 4;
    x = (x + schedule[injection % 3]!) | 0;
    y = (y + schedule[(injection + 1) % 3]! + injection) | 0;
  }
  return (word % 2 === 0 ? x : y) >>> 0;
}

describeVariants('randomUniform', (backend) => {
  test('known answers: the top 24 bits of each word', () => {
    const shape = [2];
    const handle = backend().randomUniform!(shape, 'f32', [0, 0], 0);
    const expected = [0x6b200159, 0x99ba4efe].map((word) => (word >>> 8) * 2 ** -24);
    expect(Array.from(backend().readSync!({ handle, shape, dtype: 'f32' }))).toEqual(expected);
    backend().release(handle);
  });

  test.each([0, 1, 7, 2 ** 32 - 3, 2 ** 33 - 5, 2 ** 40 + 1])('the stream from word %i on', (offset) => {
    for (const size of [0, 1, 2, 7, 8, 9, 1001]) {
      const expected = Array.from({ length: size }, (_, i) => (threefryWord(key, offset + i) >>> 8) * 2 ** -24);
      const program: Program = (b) => [
        { shape: [size], dtype: 'f32', handle: b.randomUniform!([size], 'f32', key, offset) },
      ];
      expectResults(backend(), [], program, [expected], 0);
    }
  });
});
