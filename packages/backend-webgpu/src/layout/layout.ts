import { asMatrices, broadcastStrides, sizeOf, stridesOf } from '@tempograd/core/backend';
import type { Backend, Operand, Shape } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import { storageOf } from '../memory/Handle.js';
import type { Handle } from '../memory/Handle.js';
import copyCode from './copy.wgsl.js';
import { joinAxes } from './joinAxes.js';
import type { Axis } from './joinAxes.js';
import { runWalk } from './runWalk.js';
import type { WalkProgram } from './runWalk.js';
import transposeCode from './transpose.wgsl.js';

type X = Operand<Handle>;

export const copyKernel: Kernel = { name: 'copy', code: copyCode, bindings: ['read', 'write'] };
export const transposeKernel: Kernel = { name: 'transpose', code: transposeCode, bindings: ['read', 'write'] };

const copyProgram: WalkProgram = { kernel: copyKernel, key: '', variant: null };

/** Rows and columns of the tiles that matrices are transposed by. */
const tile = 32;

/** Ops that move elements, or look at them under another shape. */
export function layoutOps(gpu: Gpu): Pick<Backend<Handle>, 'reshape' | 'transpose' | 'broadcast' | 'slice' | 'flip'> {
  /** The elements of `x` from number `first` on with these strides: looked at where they lie one after the other, else copied. */
  function strided(x: X, shape: Shape, first: number, strides: readonly number[]): Handle {
    const axes = joinAxes(shape, strides);
    if (sizeOf(shape) === 0) return gpu.allocate(shape, x.dtype);
    const [[length, step]] = axes as [Axis];
    if (axes.length === 1 && (length === 1 || step === 1)) return gpu.heap.view(x.handle, first);
    const out = gpu.allocate(shape, x.dtype);
    const starts = [x.handle.offset + first, 0, 0, 0] as const;
    runWalk(gpu, copyProgram, { axes, starts }, [gpu.buffer(x), storageOf(out).buffer]);
    return out;
  }

  return {
    reshape: (x) => gpu.heap.view(x.handle),

    transpose(x, permutation) {
      const shape = permutation.map((axis) => x.shape[axis] as number);
      // Matrices of few rows or columns would leave most of a tile idle.
      const [batch, rows, columns] = asMatrices(x.shape, permutation) ?? [1, 0, 0];
      if (Math.min(rows, columns) < tile / 2) {
        const own = stridesOf(x.shape);
        const strides = permutation.map((axis) => own[axis] as number);
        return strided(x, shape, 0, strides);
      }
      const out = gpu.allocate(shape, x.dtype);
      const [down, across] = [Math.ceil(rows / tile), Math.ceil(columns / tile)];
      const groups = batch * down * across;
      if (groups === 0) return out;
      gpu.begin().ints(rows, columns, x.handle.offset, down, across, groups);
      gpu.runLinear(transposeKernel, '', null, [gpu.buffer(x), storageOf(out).buffer], groups);
      return out;
    },

    broadcast: (x, shape) => strided(x, shape, 0, broadcastStrides(x.shape, shape)),

    slice(x, begin, size) {
      const strides = stridesOf(x.shape);
      let first = 0;
      for (let axis = 0; axis < begin.length; axis++) first += (begin[axis] as number) * (strides[axis] as number);
      return strided(x, size, first, strides);
    },

    flip(x, axes) {
      const strides = stridesOf(x.shape);
      let first = 0;
      for (const axis of axes) {
        const stride = strides[axis] as number;
        first += stride * ((x.shape[axis] as number) - 1);
        strides[axis] = -stride;
      }
      return strided(x, x.shape, first, strides);
    },
  };
}
