import { ArgumentError, formatShape, sameShape, ShapeError } from '../../backend/index.js';
import { applyFused, present } from '../applyFused.js';
import { newTensor } from '../bind.js';
import type { FusedOp } from '../FusedOp.js';
import { add, div, mean, mul, reshape, sqrt, sub } from '../ops/index.js';
import { requireTensor } from '../ops/checks.js';
import { scope } from '../scope.js';
import type { ArrayTensor, Tensor } from '../Tensor.js';

interface Attributes {
  readonly epsilon: number;
}

interface Inputs {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor;
}

const fusedLayerNorm: FusedOp<Inputs, Attributes> = {
  family: 'layerNorm',
  kinds: { x: 'float', weight: 'float', bias: 'float' },
  forward(backend, { x, weight, bias }, { epsilon }) {
    const { output, mean: means, rstd } = present(backend.layerNormForward).call(backend, x, weight, bias, epsilon);
    const perRow = (handle: object): ArrayTensor => newTensor(backend, handle, [x.shape[0] as number], x.dtype);
    return { outputs: [newTensor(backend, output, x.shape, x.dtype)], saved: [perRow(means), perRow(rstd)] };
  },
  backward(backend, { inputs: { x, weight, bias }, saved, cotangents }) {
    const [means, rstd] = saved as readonly [ArrayTensor, ArrayTensor];
    const gradients = present(backend.layerNormBackward).call(
      backend,
      x,
      weight,
      means,
      rstd,
      cotangents[0] as ArrayTensor,
    );
    const like = (handle: object, input: ArrayTensor): Tensor => newTensor(backend, handle, input.shape, input.dtype);
    return { x: like(gradients.x, x), weight: like(gradients.weight, weight), bias: like(gradients.bias, bias) };
  },
  composed({ x, weight, bias }, { epsilon }) {
    const centred = sub(x, mean(x, { axes: 1, keepAxes: true }));
    const variance = mean(mul(centred, centred), { axes: 1, keepAxes: true });
    return [add(mul(div(centred, sqrt(add(variance, epsilon))), weight), bias)];
  },
};

/**
 * Normalises the last axis: `(x − mean)/√(var + ε) ⊙ weight + bias`, x `[…, C]`, weight and bias `[C]`; the variance is the biased one.
 * @throws ShapeError when the sizes do not fit. Source: Ba, Kiros & Hinton 2016, equations 3 and 4.
 */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
  requireTensor('layerNorm', 'x', x);
  requireTensor('layerNorm', 'weight', weight);
  requireTensor('layerNorm', 'bias', bias);
  const channels = x.shape.at(-1) ?? 0;
  if (channels === 0 || !sameShape(weight.shape, [channels]) || !sameShape(bias.shape, [channels])) {
    throw new ShapeError(
      `layerNorm: input ${formatShape(x.shape)}, weight ${formatShape(weight.shape)}, bias ${formatShape(bias.shape)} do not fit; wanted […, C], [C] and [C] with C ≥ 1.`,
    );
  }
  if (typeof epsilon !== 'number' || !(epsilon >= 0)) {
    throw new ArgumentError(`layerNorm: epsilon must be a number ≥ 0, but is ${epsilon}.`);
  }
  return scope(() => {
    const [y] = applyFused(fusedLayerNorm, { x: reshape(x, [-1, channels]), weight, bias }, { epsilon });
    return reshape(y as Tensor, x.shape);
  });
}
