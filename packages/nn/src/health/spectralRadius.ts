import {
  abs,
  ArgumentError,
  disposeTree,
  div,
  equal,
  isFinite,
  keep,
  matmul,
  max,
  mul,
  requireTensor,
  scope,
  select,
  ShapeError,
  stack,
  type Tensor,
} from '@tempograd/core';
import { formatShape } from '@tempograd/core/backend';

/** Squarings: the power of the matrix is its 2²⁰th, and what is left of its condition in the root of it is a millionth of its logarithm. */
const squarings = 20;

/**
 * The largest `|λ|` of the eigenvalues of square matrices, `[n, n]` or `[count, n, n]`, complex ones included: `ρ = lim ‖Aᵐ‖^{1/m}`, by
 * squaring the matrix again and again, divided by its largest number each time. Right to about 1e-5 of itself where the condition of the
 * eigenvectors is below e¹⁰; NaN where a number is not finite. One number a matrix.
 * Source: Gelfand 1941.
 */
export async function spectralRadius(matrices: Tensor): Promise<number[]> {
  const scales = radiusScales(matrices);
  try {
    return radiiOf(await scales.read(), matrices.rank === 2 ? 1 : (matrices.shape[0] as number));
  } finally {
    disposeTree(scales);
  }
}

/** What the matrices were divided by at each squaring, `[squarings + 1, count]`, kept outside every scope. */
function radiusScales(matrices: Tensor): Tensor {
  requireTensor('spectralRadius', 'the argument', matrices);
  const { shape, rank, dtype } = matrices;
  if ((rank !== 2 && rank !== 3) || shape.at(-1) !== shape.at(-2) || matrices.size === 0) {
    throw new ShapeError(
      `spectralRadius: square matrices are wanted, [n, n] or [count, n, n], but the argument is ${formatShape(shape)}.`,
    );
  }
  if (dtype === 'i32') throw new ArgumentError('spectralRadius: the matrices must be floating-point; cast them.');
  return scope(() => {
    const scales: Tensor[] = [];
    let power = matrices;
    for (let squaring = 0; squaring <= squarings; squaring++) {
      if (squaring > 0) power = matmul(power, power);
      const largest = max(abs(power), { axes: [-2, -1], keepAxes: true });
      scales.push(largest);
      power = div(power, select(mul(isFinite(largest), equal(equal(largest, 0), 0)), largest, 1));
    }
    return keep(stack(scales));
  });
}

function radiiOf(scales: ArrayLike<number>, count: number): number[] {
  return Array.from({ length: count }, (_, matrix) => {
    let log = 0;
    for (let squaring = 0; squaring <= squarings; squaring++) {
      const scale = scales[squaring * count + matrix] as number;
      // A power that is 0 is of a matrix whose eigenvalues all are.
      if (scale === 0) return 0;
      log += Math.log(scale) / 2 ** squaring;
    }
    return Number.isFinite(log) ? Math.exp(log) : NaN;
  });
}
