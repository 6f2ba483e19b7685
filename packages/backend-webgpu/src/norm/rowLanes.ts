/** Threads of a workgroup. */
export const threads = 256;

/** Threads that share a row of `length` elements: a power of two, a few elements for each. */
export function lanesOf(length: number): number {
  return Math.min(threads, 2 ** Math.ceil(Math.log2(Math.max(1, length / 4))));
}
