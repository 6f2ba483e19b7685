import { sizeOf } from '../backend/index.js';
import { matmul, reshape } from '../tensor/ops/index.js';
import type { Attributes } from '../tensor/primitive.js';
import type { Tensor } from '../tensor/Tensor.js';
import { alignRank } from './batchAxis.js';
import type { BatchContext } from './batchRules.js';

/**
 * A product for every row of a batch. Where one side is a single matrix for all rows (a weight) and the other's rows lie in
 * memory one after another, it is one product over all of them; else one product for each row of the batch.
 */
export function batchMatmul(context: BatchContext<Attributes['matmul']>): Tensor {
  return foldedIntoA(context) ?? foldedIntoB(context) ?? rowByRow(context);
}

/** `[batch…, m, k] × [k, n]` as `[batch·m, k] × [k, n]`; null where that does not fit. */
function foldedIntoA({
  inputs,
  batched,
  attributes: { transposeA, transposeB },
  size,
  shape,
}: BatchContext<Attributes['matmul']>): Tensor | null {
  const [a, b] = inputs as [Tensor, Tensor];
  const rows = batched[1] || b.rank !== 2 ? null : matrixRows(a, transposeA);
  return rows === null ? null : reshape(matmul(rows, b, { transposeB }), [size, ...shape]);
}

/** `[m, k] × [batch…, k, n]` as the transpose of `[batch·n, k] × [k, m]`, where one of the lengths m and n is 1, so that no copy turns it back. */
function foldedIntoB({
  inputs,
  batched,
  attributes: { transposeA, transposeB },
  size,
  shape,
}: BatchContext<Attributes['matmul']>): Tensor | null {
  const [a, b] = inputs as [Tensor, Tensor];
  const turnsFreely = shape.at(-1) === 1 || shape.at(-2) === 1;
  const rows = batched[0] || a.rank !== 2 || !turnsFreely ? null : matrixRows(b, !transposeB);
  return rows === null ? null : reshape(matmul(rows, a, { transposeB: !transposeA }), [size, ...shape]);
}

/** `x [batch…, r, c]`, or stored `[batch…, c, r]` where transposed, as `[batch·r, c]`; null where that would take a copy. */
function matrixRows(x: Tensor, transposed: boolean): Tensor | null {
  const lead = x.shape.slice(0, -2);
  const [first, second] = x.shape.slice(-2) as [number, number];
  const [rows, columns] = transposed ? [second, first] : [first, second];
  const lies = !transposed || rows === 1 || columns === 1;
  return lies ? reshape(x, [sizeOf(lead) * rows, columns]) : null;
}

function rowByRow({ inputs, batched, attributes, shape }: BatchContext<Attributes['matmul']>): Tensor {
  const [a, b] = inputs.map((x, index) => (batched[index] ? alignRank(x, shape.length) : x)) as [Tensor, Tensor];
  return matmul(a, b, attributes);
}
