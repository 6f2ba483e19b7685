/** The least a buffer holds; also what bindings' sizes are rounded to. */
export const smallestBuffer = 256;

/**
 * The size of buffer that a request for `bytes` is served with: one of eight steps between powers of two, so that tensors whose
 * sizes differ a little share buffers, and at most an eighth is wasted.
 */
export function sizeClass(bytes: number): number {
  if (bytes <= smallestBuffer) return smallestBuffer;
  const step = Math.max(smallestBuffer, 2 ** (Math.ceil(Math.log2(bytes)) - 4));
  return Math.ceil(bytes / step) * step;
}
