import { DTypeError, sizeOf, unaryOps } from '@tempograd/core/backend';
import type { Backend, UnaryOp } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { Handle } from '../memory/Handle.js';
import { storageOf } from '../memory/Handle.js';
import unaryCode from './unary.wgsl.js';

export const unaryKernel: Kernel = { name: 'unary', code: unaryCode, bindings: ['read', 'write'] };

/** Elementwise ops with broadcasting. */
export function elementwiseOps(gpu: Gpu): Pick<Backend<Handle>, 'unary'> {
  return {
    unary(op: UnaryOp, x) {
      if (x.dtype === 'i32') throw new DTypeError(`${op} of i32`);
      const out = gpu.allocate(x.shape, x.dtype);
      const size = sizeOf(x.shape);
      if (size === 0) return out;
      gpu.begin().ints(size, x.handle.offset);
      const variant = () => ({ constants: { OP: unaryOps.indexOf(op) } });
      gpu.runLinear(unaryKernel, op, variant, [gpu.buffer(x), storageOf(out).buffer], Math.ceil(size / 256));
      return out;
    },
  };
}
