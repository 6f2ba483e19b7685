// Sizes fall into classes: 16 to each power of two, so that rounding up to one wastes at most 1/16.

/** Blocks lie at, and are, multiples of this: a cache line. */
export const granule = 64;

/** The largest memory there can be. */
export const mostBytes: number = 2 ** 32;

const subdivisionBits = 4;
const subdivisions = 1 << subdivisionBits;

/** Number of classes: enough for 4 GiB. */
export const classCount: number = 28 * subdivisions;

/** The largest class whose size is at most `bytes` (a multiple of the granule). */
export function classOf(bytes: number): number {
  const granules = bytes / granule;
  if (granules < subdivisions) return granules;
  const shift = 31 - Math.clz32(granules) - subdivisionBits;
  return (shift + 1) * subdivisions + ((granules >>> shift) - subdivisions);
}

/** `bytes` rounded up to the size of a class. */
export function roundToClass(bytes: number): number {
  const granules = Math.max(1, Math.ceil(bytes / granule));
  if (granules < subdivisions) return granules * granule;
  const shift = 31 - Math.clz32(granules) - subdivisionBits;
  return (((granules + (1 << shift) - 1) >>> shift) << shift) * granule;
}
