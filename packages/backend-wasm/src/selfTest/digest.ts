const exponent = 0x7f800000;
const nan = 0x7fc00000;

/** Goes on with a digest of 32 bits. Each bit of each element counts, and where it stands; one NaN of floats is as good as another. */
export function digest(bits: Int32Array, floats: boolean, before: number): number {
  let hash = Math.imul(before ^ bits.length, 0x9e3779b1);
  for (let i = 0; i < bits.length; i++) {
    let word = bits[i] as number;
    if (floats && (word & 0x7fffffff) > exponent) word = nan;
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}
