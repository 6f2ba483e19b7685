import { sizeOf } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { Handle } from '../memory/Handle.js';
import { placeOf } from '../memory/Place.js';
import forwardCode from './linearScan.wgsl.js';
import backwardCode from './linearScanBackward.wgsl.js';

export const linearScanKernel: Kernel = {
  name: 'linearScan',
  code: forwardCode,
  bindings: ['read', 'read', 'read', 'write'],
};
export const linearScanBackwardKernel: Kernel = {
  name: 'linearScanBackward',
  code: backwardCode,
  bindings: ['read', 'read', 'read', 'read', 'write', 'write', 'write'],
};

/** Threads of a workgroup: few, so that narrow recurrences spread over the device. */
const threads = 64;

/** The linear recurrence over axis 0. */
export function linearScanOps(gpu: Gpu): Pick<Backend<Handle>, 'linearScanForward' | 'linearScanBackward'> {
  return {
    linearScanForward(a, b, h0) {
      const [time = 0] = a.shape;
      const width = sizeOf(h0.shape);
      const h = gpu.allocate(a.shape, 'f32');
      if (width === 0) return h;
      gpu.begin().ints(time, width, a.handle.offset, b.handle.offset, h0.handle.offset);
      const buffers = [a.handle, b.handle, h0.handle, h].map((handle) => placeOf(handle).buffer);
      gpu.runLinear(linearScanKernel, '', null, buffers, Math.ceil(width / threads));
      return h;
    },

    linearScanBackward(a, h, h0, cotangent) {
      const [time = 0] = a.shape;
      const width = sizeOf(h0.shape);
      const gradients = {
        a: gpu.allocate(a.shape, 'f32'),
        b: gpu.allocate(a.shape, 'f32'),
        h0: gpu.allocate(h0.shape, 'f32'),
      };
      if (width === 0) return gradients;
      const inputs = [a, h, h0, cotangent].map(({ handle }) => handle);
      gpu.begin().ints(time, width, ...inputs.map(({ offset }) => offset));
      const all = [...inputs, gradients.a, gradients.b, gradients.h0].map((handle) => placeOf(handle).buffer);
      gpu.runLinear(linearScanBackwardKernel, '', null, all, Math.ceil(width / threads));
      return gradients;
    },
  };
}
