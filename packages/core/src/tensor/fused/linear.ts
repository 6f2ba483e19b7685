import { formatShape, sameShape, ShapeError } from '../../backend/index.js';
import { applyFused, present } from '../applyFused.js';
import { newTensor } from '../bind.js';
import type { FusedOp } from '../FusedOp.js';
import { add, matmul, reshape } from '../ops/index.js';
import { scope } from '../scope.js';
import type { ArrayTensor, Tensor } from '../Tensor.js';

const fusedLinear: FusedOp<null> = {
  family: 'linear',
  forward(backend, [x, weight, bias]) {
    const [input, w] = [x as ArrayTensor, weight as ArrayTensor];
    const handle = present(backend.linearForward).call(backend, input, w, bias ?? null);
    return {
      outputs: [newTensor(backend, handle, [input.shape[0] as number, w.shape[0] as number], input.dtype)],
      saved: [],
    };
  },
  backward(backend, { inputs, cotangents, wants }) {
    const [x, weight, bias] = inputs as [ArrayTensor, ArrayTensor, ArrayTensor?];
    const [wantX = false, wantWeight = false, wantBias = false] = wants;
    const wanted = { x: wantX, weight: wantWeight, bias: wantBias };
    const gradients = present(backend.linearBackward).call(backend, x, weight, cotangents[0] as ArrayTensor, wanted);
    const like = (handle: object | null, input: ArrayTensor | undefined): Tensor | null =>
      handle === null || input === undefined ? null : newTensor(backend, handle, input.shape, input.dtype);
    return [like(gradients.x, x), like(gradients.weight, weight), like(gradients.bias, bias)];
  },
  composed([x, weight, bias]) {
    const product = matmul(x as Tensor, weight as Tensor, { transposeB: true });
    return [bias === undefined ? product : add(product, bias)];
  },
};

/**
 * `x Wᵀ + b`: x `[…, I]`, weight `[O, I]`, bias `[O]` or none → `[…, O]`.
 * @throws ShapeError when the sizes do not fit.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  const [outputs, inputs] = weight.shape as [number, number];
  const fits =
    x.rank >= 1 && weight.rank === 2 && x.shape.at(-1) === inputs && (!bias || sameShape(bias.shape, [outputs]));
  if (!fits) {
    throw new ShapeError(
      `linear: input ${formatShape(x.shape)}, weight ${formatShape(weight.shape)}${bias ? `, bias ${formatShape(bias.shape)}` : ''} do not fit; ` +
        'wanted […, inputs], [outputs, inputs] and [outputs].',
    );
  }
  return scope(() => {
    const rows = reshape(x, [x.size / inputs || 0, inputs]);
    const [y] = applyFused(fusedLinear, bias ? [rows, weight, bias] : [rows, weight], null);
    return reshape(y as Tensor, [...x.shape.slice(0, -1), outputs]);
  });
}
