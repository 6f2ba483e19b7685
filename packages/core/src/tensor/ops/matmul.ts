import { broadcastShapes, checkOptions, formatShape, optionTable, ShapeError } from '../../backend/index.js';
import { bind } from '../bind.js';
import type { Tensor } from '../Tensor.js';
import { requireTensor } from './checks.js';
import { requireFloat, requireSameDType } from './operands.js';

/** Which operands are stored transposed. */
export interface MatmulOptions {
  /** a is `[…, k, m]`; default is false: `[…, m, k]`. */
  readonly transposeA?: boolean;
  /** b is `[…, n, k]`; default is false: `[…, k, n]`. */
  readonly transposeB?: boolean;
}

const matmulTable = optionTable<MatmulOptions>({ transposeA: 'boolean', transposeB: 'boolean' });

/**
 * Matrix product over the last two axes, leading axes broadcast: `[…, m, k] × […, k, n] → […, m, n]`.
 * @throws ShapeError unless both have at least two axes and the inner lengths are equal.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  checkOptions('matmul', options, matmulTable);
  const { transposeA = false, transposeB = false } = options;
  requireTensor('matmul', 'a', a);
  requireTensor('matmul', 'b', b);
  requireSameDType('matmul', a, b);
  requireFloat('matmul', a);
  const [rowsA, columnsA] = a.shape.slice(-2);
  const [rowsB, columnsB] = b.shape.slice(-2);
  const [m, inner] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [otherInner, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  if (a.rank < 2 || b.rank < 2 || inner !== otherInner) {
    throw new ShapeError(
      `matmul: ${formatShape(a.shape)}${transposeA ? 'ᵀ' : ''} × ${formatShape(b.shape)}${transposeB ? 'ᵀ' : ''} has inner lengths ` +
        `${inner} and ${otherInner}; both must have two axes or more and equal inner lengths.`,
    );
  }
  const lead = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2), 'matmul');
  return bind('matmul', [a, b], { transposeA, transposeB }, [...lead, m as number, n as number], a.dtype);
}
