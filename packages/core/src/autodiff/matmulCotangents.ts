import { sizeOf } from '../backend/index.js';
import { matmul, reshape } from '../tensor/ops/index.js';
import type { Attributes } from '../tensor/primitive.js';
import type { Tensor } from '../tensor/Tensor.js';
import { sumTo } from './sumTo.js';
import type { VjpContext } from './vjpRules.js';

/**
 * Gradients of a matrix product: for C = A B they are `dA = g Bᵀ` and `dB = Aᵀ g`, with each transpose flag taken into account.
 * Where B is one matrix for a batch of A (a weight), dB is one product over batch and rows together instead of a sum of products.
 */
export function matmulCotangents(
  g: Tensor,
  { inputs, attributes: { transposeA, transposeB }, wants }: VjpContext<Attributes['matmul']>,
): [Tensor | null, Tensor | null] {
  const [a, b] = inputs as [Tensor, Tensor];
  return [
    wants[0] ? sumTo(cotangentOfA(g, b, transposeA, transposeB), a.shape) : null,
    wants[1] ? cotangentOfB(g, a, b, transposeA, transposeB) : null,
  ];
}

function cotangentOfA(g: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return transposeA
    ? matmul(b, g, { transposeA: transposeB, transposeB: true })
    : matmul(g, b, { transposeB: !transposeB });
}

function cotangentOfB(g: Tensor, a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  if (b.rank === 2 && a.rank > 2 && !transposeA) {
    const rows = (x: Tensor): Tensor => reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1) as number]);
    return productForB(rows(g), rows(a), false, transposeB);
  }
  return sumTo(productForB(g, a, transposeA, transposeB), b.shape);
}

function productForB(g: Tensor, a: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return transposeB
    ? matmul(g, a, { transposeA: true, transposeB: transposeA })
    : matmul(a, g, { transposeA: !transposeA });
}
