/** The least a buffer holds; also what bindings' sizes are rounded to. */
const smallestBuffer = 256;

/**
 * The size of buffer that a request for `bytes` is served with: one of eight steps between powers of two, so that tensors whose
 * sizes differ a little share buffers, and at most an eighth is wasted. No more than `most`, the largest buffer there can be, unless
 * `bytes` are.
 */
export function sizeClass(bytes: number, most: number): number {
  if (bytes <= smallestBuffer) return smallestBuffer;
  // A sixteenth of the next power of two.
  const step = Math.max(smallestBuffer, 1 << (32 - Math.clz32(Math.ceil(bytes / 16) - 1)));
  return Math.min(Math.ceil(bytes / step) * step, Math.max(bytes, most - (most % smallestBuffer)));
}
