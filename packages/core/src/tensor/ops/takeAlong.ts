import { formatShape, sameShape, ShapeError } from '../../backend/index.js';
import { scope } from '../scope.js';
import type { Tensor } from '../Tensor.js';
import { axisFromBack, axisToBack } from './along.js';
import { requireTensor } from './checks.js';
import { add, less, lessEqual, mul, select } from './elementwise.js';
import { reshape } from './layout.js';
import { normalAxis, requireDType } from './operands.js';
import { arange } from './ranges.js';
import { gather } from './rows.js';

/**
 * Elements chosen one by one along an axis: `indices`, i32, has the shape of `x` but for that axis, and each of its elements says
 * which element of its own row is wanted; the result has the shape of the indices. What `argmax`, `sort` and `topK` say is taken so.
 * A number outside gives NaN (0 in i32), and no gradient.
 * @throws ShapeError where another axis differs.
 */
export function takeAlong(x: Tensor, indices: Tensor, axis: number): Tensor {
  requireTensor('takeAlong', 'the argument', x);
  requireDType('takeAlong', 'indices', indices, 'i32');
  const along = normalAxis('takeAlong', axis, x);
  const wanted = x.shape.map((length, index) => (index === along ? indices.shape[along] : length)) as number[];
  if (!sameShape(indices.shape, wanted)) {
    throw new ShapeError(
      `takeAlong: indices ${formatShape(indices.shape)} must have the shape of the argument, ${formatShape(x.shape)}, but for axis ${along}.`,
    );
  }
  return scope(() => {
    const rows = axisToBack(x, along);
    const chosen = axisToBack(indices, along);
    const n = rows.shape.at(-1) as number;
    const k = chosen.shape.at(-1) as number;
    const count = n === 0 ? 0 : x.size / n;
    // A number outside must not reach into another row.
    const inside = mul(lessEqual(0, chosen), less(chosen, n));
    const starts = reshape(arange(0, count * n, { step: Math.max(1, n), backend: x.backend }), [count, 1]);
    const flat = add(reshape(select(inside, chosen, 0), [count, k]), starts);
    const places = select(reshape(inside, [count, k]), flat, -1);
    const taken = gather(reshape(rows, [x.size]), places);
    return axisFromBack(reshape(taken, chosen.shape), along);
  });
}
