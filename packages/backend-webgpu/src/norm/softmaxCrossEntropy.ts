import { sizeOf } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { Handle } from '../memory/Handle.js';
import { placeOf } from '../memory/Place.js';
import { lanesOf, threads } from './rowLanes.js';
import code from './softmaxCrossEntropy.wgsl.js';

export const softmaxCrossEntropyKernel: Kernel = {
  name: 'softmaxCrossEntropy',
  code,
  bindings: ['read', 'read', 'write', 'write'],
};

/** That of −∞; see math/order.wgsl. */
const lowestOrder = 0x807fffff;

/** Softmax cross-entropy of rows, with its gradient when wanted, in one dispatch. */
export function softmaxCrossEntropyOps(gpu: Gpu): Pick<Backend<Handle>, 'softmaxCrossEntropy'> {
  return {
    softmaxCrossEntropy(logits, targets, labelSmoothing, wantGradient) {
      const [rows, classes = 0] = [sizeOf(targets.shape), logits.shape.at(-1)];
      const loss = gpu.allocate(targets.shape, 'f32');
      // What is not wanted is bound all the same.
      const gradient = gpu.allocate(wantGradient ? logits.shape : [0], 'f32');
      if (rows > 0) {
        const lanes = lanesOf(classes);
        gpu
          .begin()
          .ints(rows, classes, logits.handle.offset, targets.handle.offset)
          .floats(labelSmoothing)
          .ints(lowestOrder);
        gpu.runLinear(
          softmaxCrossEntropyKernel,
          `${lanes}${wantGradient ? ' gradient' : ''}`,
          () => ({ constants: { LANES: lanes, GRADIENT: wantGradient ? 1 : 0 } }),
          [gpu.buffer(logits), gpu.buffer(targets), placeOf(loss).buffer, placeOf(gradient).buffer],
          Math.ceil(rows / (threads / lanes)),
        );
      }
      if (wantGradient) return { loss, gradient };
      gpu.heap.release(gradient);
      return { loss, gradient: null };
    },
  };
}
