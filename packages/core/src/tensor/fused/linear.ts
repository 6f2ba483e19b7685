import { formatShape, sameShape, ShapeError, sizeOf, type Shape } from '../../backend/index.js';
import { applyFused, present } from '../applyFused.js';
import { newTensor } from '../bind.js';
import type { FusedOp } from '../FusedOp.js';
import { add, matmul, reshape } from '../ops/index.js';
import { requireTensor } from '../ops/checks.js';
import { scope } from '../scope.js';
import type { ArrayTensor, Tensor } from '../Tensor.js';

interface Inputs {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor | null;
}

const fusedLinear: FusedOp<Inputs, null> = {
  family: 'linear',
  kinds: { x: 'float', weight: 'float', bias: 'float' },
  forward(backend, { x, weight, bias }) {
    const handle = present(backend.linearForward).call(backend, x, weight, bias);
    return { outputs: [newTensor(backend, handle, outputShape(x, weight), x.dtype)], saved: [] };
  },
  backward(backend, { inputs: { x, weight, bias }, cotangents, wants }) {
    const wanted = { x: wants.x, weight: wants.weight, bias: wants.bias ?? false };
    const gradients = present(backend.linearBackward).call(backend, x, weight, cotangents[0] as ArrayTensor, wanted);
    const like = (handle: object | null, input: ArrayTensor | null): Tensor | null =>
      handle === null || input === null ? null : newTensor(backend, handle, input.shape, input.dtype);
    return { x: like(gradients.x, x), weight: like(gradients.weight, weight), bias: like(gradients.bias, bias) };
  },
  composed({ x, weight, bias }) {
    // One product of all rows, whatever axes they stand along.
    const rows = reshape(x, [sizeOf(x.shape.slice(0, -1)), weight.shape[1] as number]);
    const product = matmul(rows, weight, { transposeB: true });
    return [reshape(bias === null ? product : add(product, bias), outputShape(x, weight))];
  },
};

function outputShape(x: Tensor, weight: Tensor): Shape {
  return [...x.shape.slice(0, -1), weight.shape[0] as number];
}

/**
 * `x Wᵀ + b`: x `[…, I]`, weight `[O, I]`, bias `[O]` or none → `[…, O]`.
 * @throws ShapeError when the sizes do not fit.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  requireTensor('linear', 'x', x);
  requireTensor('linear', 'weight', weight);
  if (bias) requireTensor('linear', 'bias', bias);
  const [outputs, inputs] = weight.shape as [number, number];
  const fits =
    x.rank >= 1 && weight.rank === 2 && x.shape.at(-1) === inputs && (!bias || sameShape(bias.shape, [outputs]));
  if (!fits && weight.rank === 2 && (!bias || sameShape(bias.shape, [outputs]))) {
    throw new ShapeError(
      `linear: the input ${formatShape(x.shape)} should end in ${inputs} numbers, […, ${inputs}], as the weight [outputs, inputs] ${formatShape(weight.shape)} reads it. ` +
        (x.rank === 0
          ? 'A number alone is no row: reshape(x, [1]) makes it one, for a weight [outputs, 1].'
          : `For this input the weight must be [outputs, ${x.shape.at(-1)}].`),
    );
  }
  if (!fits) {
    throw new ShapeError(
      `linear: input ${formatShape(x.shape)}, weight ${formatShape(weight.shape)}${bias ? `, bias ${formatShape(bias.shape)}` : ''} do not fit; ` +
        'wanted […, inputs], [outputs, inputs] and [outputs].',
    );
  }
  return scope(() => applyFused(fusedLinear, { x, weight, bias: bias ?? null }, null)[0] as Tensor);
}
