/** Threads of a workgroup. */
export const threads = 256;

/** Threads that share a row of `length` elements: a power of four, a few elements for each. */
export function lanesOf(length: number): number {
  return [1, 4, 16, 64].find((lanes) => lanes * 8 >= length) ?? threads;
}
