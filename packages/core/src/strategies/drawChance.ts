import type { Key } from '../random/index.js';
import { threefryWords } from '../random/threefry.js';

/** Number `index` of a key's stream, uniform in [0, 1) and a multiple of 2⁻⁵³: whether it is below c has probability c to the last bit. */
export function drawChance(key: Key, index: number): number {
  const [high, low] = threefryWords(key, 2 * index, 2) as unknown as [number, number];
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}
