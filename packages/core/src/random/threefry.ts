/** Rotation distances of Threefry-2x32. */
const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** Xor of the key words completes the third key-schedule word. */
const parity = 0x1bd11bda;

/**
 * One block of Threefry-2x32 with 20 rounds: a key and a 64-bit counter to two words that look random.
 * All words are taken and given as unsigned 32-bit. Source: Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
 */
export function threefry2x32(key: readonly [number, number], counter: readonly [number, number]): [number, number] {
  const schedule = [key[0] | 0, key[1] | 0, key[0] ^ key[1] ^ parity] as const;
  let x0 = (counter[0] + schedule[0]) | 0;
  let x1 = (counter[1] + schedule[1]) | 0;
  for (let group = 0; group < 5; group++) {
    for (let round = 0; round < 4; round++) {
      const distance = rotations[((group & 1) << 2) + round] as number;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << distance) | (x1 >>> (32 - distance))) ^ x0;
    }
    x0 = (x0 + (schedule[(group + 1) % 3] as number)) | 0;
    x1 = (x1 + (schedule[(group + 2) % 3] as number) + group + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}

/** Words `offset … offset + count` of a key's stream: word w is lane `w mod 2` of the block with counter `⌊w/2⌋`. */
export function threefryWords(key: readonly [number, number], offset: number, count: number): Uint32Array {
  const words = new Uint32Array(count);
  let block: [number, number] = [0, 0];
  let computed = -1;
  for (let index = 0; index < count; index++) {
    const word = offset + index;
    const counter = Math.floor(word / 2);
    if (counter !== computed) {
      block = threefry2x32(key, [counter % 2 ** 32, Math.floor(counter / 2 ** 32)]);
      computed = counter;
    }
    words[index] = block[word % 2] as number;
  }
  return words;
}
