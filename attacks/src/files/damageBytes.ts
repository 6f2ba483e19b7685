import type { Random } from '../Random.js';

/** A way to damage a file without knowing what is in it. */
export type DamageBytes = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

/** What disks, networks and editors do to files; none of them keeps a digest true. */
export const damagesOfBytes: Readonly<Record<string, DamageBytes>> = {
  'a flipped bit': (bytes, random) => flip(bytes, random, 1),
  'flipped bits': (bytes, random) => flip(bytes, random, random.whole(2, 9)),
  'a flipped bit of the header': (bytes, random) => {
    const flipped = flip(bytes.subarray(0, endOfHeader(bytes)), random, 1);
    return joined(flipped, bytes.subarray(flipped.length));
  },
  'the end cut off': (bytes, random) => bytes.slice(0, random.whole(0, bytes.length)),
  'the beginning cut off': (bytes, random) => bytes.slice(random.whole(1, bytes.length)),
  'bytes after the end': (bytes, random) => joined(bytes, random.bytes(random.whole(1, 40))),
  'bytes lost in the middle': (bytes, random) => {
    const [from, to] = range(bytes, random);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  'bytes put in': (bytes, random) => {
    const [from] = range(bytes, random);
    return joined(bytes.subarray(0, from), random.bytes(random.whole(1, 40)), bytes.subarray(from));
  },
  'a stretch of zeros': (bytes, random) => bytes.slice().fill(0, ...range(bytes, random)),
  'a stretch of noise': (bytes, random) => {
    const [from, to] = range(bytes, random);
    return joined(bytes.subarray(0, from), random.bytes(to - from), bytes.subarray(to));
  },
  'a stretch from elsewhere': (bytes, random) => {
    const [from, to] = range(bytes, random);
    return bytes.slice().copyWithin(random.whole(0, bytes.length), from, to);
  },
  'two files in one': (bytes, random, other) => {
    const cut = random.whole(9, Math.min(bytes.length, other.length) - 1);
    return joined(bytes.subarray(0, cut), other.subarray(cut));
  },
  'another length of the header': (bytes, random) => {
    const changed = bytes.slice();
    const length = random.pick([
      0n,
      1n,
      2n ** 31n,
      2n ** 53n,
      2n ** 64n - 1n,
      BigInt(bytes.length),
      BigInt(random.whole(0, bytes.length)),
    ]);
    new DataView(changed.buffer).setBigUint64(0, length, true);
    return changed;
  },
};

/** Where the header of a sound file ends. */
export function endOfHeader(bytes: Uint8Array): number {
  return 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
}

/** Byte strings one after another. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function flip(bytes: Uint8Array, random: Random, count: number): Uint8Array {
  const flipped = bytes.slice();
  for (let each = 0; each < count; each++) {
    const at = random.whole(0, bytes.length);
    flipped[at] = (flipped[at] as number) ^ (1 << random.whole(0, 8));
  }
  return flipped;
}

function range(bytes: Uint8Array, random: Random): [from: number, to: number] {
  const from = random.whole(0, bytes.length - 1);
  return [from, random.whole(from + 1, Math.min(bytes.length, from + 1 + random.pick([8, 64, 4096])) + 1)];
}
