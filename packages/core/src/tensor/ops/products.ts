import { formatShape, sameShape, ShapeError } from '../../backend/index.js';
import { scope } from '../scope.js';
import type { Tensor } from '../Tensor.js';
import { requireTensor } from './checks.js';
import { mul } from './elementwise.js';
import { reshape } from './layout.js';
import { requireSameDType } from './operands.js';
import { sum } from './reduce.js';

/** The inner product of two vectors of one length, `Σ aᵢ bᵢ`. */
export function dot(a: Tensor, b: Tensor): Tensor {
  requireVectors('dot', a, b);
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(`dot: vectors ${formatShape(a.shape)} and ${formatShape(b.shape)} must be equally long.`);
  }
  return scope(() => sum(mul(a, b)));
}

/** The outer product of two vectors, `[m]` and `[n]` → `[m, n]`: `aᵢ bⱼ`. */
export function outer(a: Tensor, b: Tensor): Tensor {
  requireVectors('outer', a, b);
  return scope(() => mul(reshape(a, [a.size, 1]), b));
}

function requireVectors(op: string, a: Tensor, b: Tensor): void {
  requireTensor(op, 'a', a);
  requireTensor(op, 'b', b);
  requireSameDType(op, a, b);
  if (a.rank === 1 && b.rank === 1) return;
  throw new ShapeError(
    `${op}: takes two vectors, but was given ${formatShape(a.shape)} and ${formatShape(b.shape)}; for matrices there is matmul().`,
  );
}
