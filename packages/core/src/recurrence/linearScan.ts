import { formatShape, sameShape, ShapeError } from '../backend/index.js';
import { applyFused, present } from '../tensor/applyFused.js';
import { newTensor } from '../tensor/bind.js';
import type { FusedOp } from '../tensor/FusedOp.js';
import { add, mul, row } from '../tensor/ops/index.js';
import { requireTensor } from '../tensor/ops/checks.js';
import { scope } from '../tensor/scope.js';
import type { ArrayTensor, Tensor } from '../tensor/Tensor.js';
import { overTime } from './overTime.js';

interface Inputs {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly h0: Tensor;
}

const fusedLinearScan: FusedOp<Inputs, null> = {
  family: 'linearScan',
  kinds: { a: 'float', b: 'float', h0: 'float' },
  forward(backend, { a, b, h0 }) {
    const handle = present(backend.linearScanForward).call(backend, a, b, h0);
    return { outputs: [newTensor(backend, handle, a.shape, a.dtype)], saved: [] };
  },
  backward(backend, { inputs: { a, b, h0 }, outputs: [h], cotangents: [cotangent] }) {
    const gradients = present(backend.linearScanBackward).call(
      backend,
      a,
      h as ArrayTensor,
      h0,
      cotangent as ArrayTensor,
    );
    const like = (handle: object, input: ArrayTensor): Tensor => newTensor(backend, handle, input.shape, input.dtype);
    return { a: like(gradients.a, a), b: like(gradients.b, b), h0: like(gradients.h0, h0) };
  },
  composed({ a, b, h0 }) {
    const { output } = overTime(a.shape[0] as number, h0, {}, (h, t) => {
      const next = add(mul(row(a, t), h), row(b, t));
      return { carry: next, output: next };
    });
    return [output];
  },
};

/**
 * The linear recurrence `h_t = a_t ⊙ h_{t−1} + b_t`: a, b `[time, …rest]`, h0 `[…rest]` → h `[time, …rest]`.
 * @throws ShapeError when the shapes do not fit.
 */
export function linearScan(a: Tensor, b: Tensor, h0: Tensor): Tensor {
  requireTensor('linearScan', 'a', a);
  requireTensor('linearScan', 'b', b);
  requireTensor('linearScan', 'h0', h0);
  if (!sameShape(a.shape, b.shape) || !sameShape(a.shape.slice(1), h0.shape) || !a.shape[0]) {
    throw new ShapeError(
      `linearScan: a ${formatShape(a.shape)}, b ${formatShape(b.shape)}, h0 ${formatShape(h0.shape)} do not fit; ` +
        'wanted [time, …rest] twice with at least one step, and […rest].',
    );
  }
  return scope(() => applyFused(fusedLinearScan, { a, b, h0 }, null)[0] as Tensor);
}
