import { sizeOf } from '@tempograd/core/backend';
import type { Backend, Operand } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { Handle, PooledBuffer } from '../memory/Handle.js';
import { placeOf } from '../memory/Place.js';
import rootCode from './root.wgsl.js';
import squaresCode from './squares.wgsl.js';

/** Tensors of one dispatch: what the eight storage buffers of every device leave. */
const together = 7;
/** Elements of a workgroup. */
const perGroup = 4096;

export const squaresKernel: Kernel = {
  name: 'squares',
  code: squaresCode,
  bindings: [...Array.from({ length: together }, () => 'read' as const), 'write'],
};
export const rootKernel: Kernel = { name: 'root', code: rootCode, bindings: ['read', 'write'] };

/** The norm of many tensors: a dispatch for every seven of them, and one for all their sums. */
export function globalNormOps(gpu: Gpu): Pick<Backend<Handle>, 'globalNorm'> {
  return {
    globalNorm(xs) {
      const out = gpu.allocate([], 'f32');
      const filled = xs.filter(({ shape }) => sizeOf(shape) > 0);
      const count = filled.reduce((sum, x) => sum + groupsOf(x), 0);
      const parts = gpu.allocate([count, 3], 'f32');
      const to = placeOf(parts).buffer;
      let done = 0;
      for (let first = 0; first < filled.length; first += together) {
        done += enqueueSquares(gpu, filled.slice(first, first + together), to, done);
      }
      gpu.begin().ints(count);
      gpu.commands.run(rootKernel, '', null, [to, placeOf(out).buffer], 1);
      gpu.heap.release(parts);
      return out;
    },
  };
}

/** Enqueues the sums of at most seven tensors, from sum number `at` of `to` on; returns how many sums there are. */
function enqueueSquares(gpu: Gpu, xs: readonly Operand<Handle>[], to: PooledBuffer, at: number): number {
  const params = gpu.begin();
  let groups = 0;
  for (const x of xs) {
    params.ints(x.handle.offset, sizeOf(x.shape), groups, 0);
    groups += groupsOf(x);
  }
  for (let i = xs.length; i < together; i++) params.ints(0, 0, groups, 0);
  params.ints(groups, at);
  const places = xs.map(({ handle }) => placeOf(handle).buffer);
  // Bindings that are left over are filled with a tensor that is there.
  const buffers = Array.from({ length: together }, (_, i) => (places[i] ?? places[0]) as PooledBuffer);
  gpu.runLinear(squaresKernel, '', null, [...buffers, to], groups);
  return groups;
}

function groupsOf(x: Operand<Handle>): number {
  return Math.ceil(sizeOf(x.shape) / perGroup);
}
