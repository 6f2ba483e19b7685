import { sizeOf } from '@tempograd/core/backend';
import type { Backend, Operand } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Handle } from '../memory/Handle.js';
import { storageOf } from '../memory/Handle.js';
import { enqueueColumnSums } from '../reduce/enqueueReduction.js';
import { enqueueProduct } from './product.js';
import type { Matrix } from './product.js';

/** The linear layer and its gradients, as products. */
export function linearOps(gpu: Gpu): Pick<Backend<Handle>, 'linearForward' | 'linearBackward'> {
  const matrix = (x: Operand<Handle>): Matrix => ({ buffer: gpu.buffer(x), start: x.handle.offset });
  const result = (handle: Handle): Matrix => ({ buffer: storageOf(handle).buffer, start: 0 });

  return {
    linearForward(x, weight, bias) {
      const [n, k] = weight.shape as [number, number];
      const m = rowsOf(x);
      const y = gpu.allocate([m, n], x.dtype);
      const sizes = { m, n, k, transposeB: true };
      const added = bias === null ? null : matrix(bias);
      enqueueProduct(gpu, { ...sizes, a: matrix(x), b: matrix(weight), out: result(y), bias: added });
      return y;
    },

    linearBackward(x, weight, cotangent, wants) {
      const [outputs, inputs] = weight.shape as [number, number];
      const rows = rowsOf(x);
      const g = matrix(cotangent);
      const dx = wants.x ? gpu.allocate(x.shape, x.dtype) : null;
      if (dx !== null) {
        enqueueProduct(gpu, { m: rows, n: inputs, k: outputs, a: g, b: matrix(weight), out: result(dx) });
      }
      const dWeight = wants.weight ? gpu.allocate(weight.shape, x.dtype) : null;
      if (dWeight !== null) {
        const sizes = { m: outputs, n: inputs, k: rows, transposeA: true };
        enqueueProduct(gpu, { ...sizes, a: g, b: matrix(x), out: result(dWeight) });
      }
      const dBias = wants.bias ? gpu.allocate([outputs], x.dtype) : null;
      if (dBias !== null) enqueueColumnSums(gpu, { rows, columns: outputs, x: g, out: result(dBias) });
      return { x: dx, weight: dWeight, bias: dBias };
    },
  };
}

function rowsOf({ shape }: Operand<Handle>): number {
  return sizeOf(shape.slice(0, -1));
}
