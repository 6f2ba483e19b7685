import { createBackend } from '@tempograd/backend-js';
import { sizeOf, type Backend, type DType, type Shape } from '../../src/backend/index.js';
import { fromArray, row, stack, treeFill, treeLeaves, treeMap, type Tensor } from '../../src/index.js';

/** The reference, whose new storage is poisoned, so that an element that nothing wrote is seen. */
export const backend: Backend = createBackend({ poison: true });

export const live = (): number => backend.memory().buffers;

/** Numbers that look random and are the same in every run, in [−1, 1]. */
function numbers(size: number, seed: number): Float64Array {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return Float64Array.from({ length: size }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 31 - 1;
  });
}

/** A random tensor; whole numbers from −3 to 3 for i32. */
export function random(shape: Shape, seed: number, dtype: DType = 'f64'): Tensor {
  const values = numbers(sizeOf(shape), seed);
  return fromArray(dtype === 'i32' ? values.map((x) => Math.round(3 * x)) : values, shape, { dtype, backend });
}

export const valuesOf = (x: Tensor): number[] => Array.from(x.readSync());

/** What `vmap` promises: `fn` of every row of the tree, one after the other, with the results stacked. */
export function loop<X, Y>(fn: (x: X) => Y, x: X): Y {
  const size = treeLeaves(x)[0]!.shape[0]!;
  const rows = Array.from({ length: size }, (_, index) => fn(treeMap(x, (leaf) => row(leaf, index))));
  const leaves = rows.map((each) => treeLeaves(each));
  return treeFill(
    rows[0]!,
    leaves[0]!.map((_, leaf) => stack(leaves.map((each) => each[leaf]!))),
  );
}

/** The largest difference of two trees of equal shapes; NaN equals NaN. */
export function distance(a: unknown, b: unknown): number {
  const [p, q] = [treeLeaves(a), treeLeaves(b)];
  if (p.length !== q.length) throw new Error(`${p.length} leaves against ${q.length}`);
  let largest = 0;
  p.forEach((leaf, index) => {
    const other = q[index]!;
    if (String(leaf.shape) !== String(other.shape) || leaf.dtype !== other.dtype) {
      throw new Error(`leaf ${index}: ${String(leaf)} against ${String(other)}`);
    }
    const values = other.readSync();
    leaf.readSync().forEach((value, at) => {
      const gap = Object.is(value, values[at]) || value === values[at] ? 0 : Math.abs(value - values[at]!);
      largest = Math.max(largest, Number.isNaN(gap) ? Infinity : gap);
    });
  });
  return largest;
}
