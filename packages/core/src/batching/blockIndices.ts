import { add, fromArray, less, lessEqual, mul, select } from '../tensor/ops/index.js';
import type { Tensor } from '../tensor/Tensor.js';

/**
 * Row numbers of each row of a batch, `[…k]` or batched `[size, …k]`, as row numbers `[size, …k]` of a table in which the
 * batch's tables of `rows` rows stand one below the other. A number outside its own table is outside the whole.
 */
export function blockIndices(indices: Tensor, batched: boolean, size: number, rows: number): Tensor {
  const inner = batched ? indices.shape.slice(1) : indices.shape;
  const starts = fromArray(
    Int32Array.from({ length: size }, (_, block) => block * rows),
    [size, ...inner.map(() => 1)],
    { dtype: 'i32', backend: indices.backend },
  );
  const inside = mul(lessEqual(0, indices), less(indices, rows));
  return select(inside, add(indices, starts), -1);
}
