import { groupAxes, joinGroups, sizeOfGroups } from '@tempograd/core/backend';
import type { AxisGroup, Backend, Operand } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Handle } from '../memory/Handle.js';
import { placeOf } from '../memory/Place.js';
import { enqueueReduction } from './enqueueReduction.js';

type X = Operand<Handle>;

/** Reductions over axes. */
export function reduceOps(gpu: Gpu): Pick<Backend<Handle>, 'sum' | 'max'> {
  function reduction(op: 'sum' | 'max', x: X, axes: readonly number[]): Handle {
    const shape = x.shape.filter((_, axis) => !axes.includes(axis));
    let groups = groupAxes(x.shape, axes);
    if (!groups.some(({ reduced }) => reduced)) return gpu.heap.view(x.handle);
    let source = x.handle;
    for (;;) {
      const at = longestReduced(groups);
      const form = {
        outer: sizeOfGroups(groups.slice(0, at)),
        length: (groups[at] as AxisGroup).length,
        inner: sizeOfGroups(groups.slice(at + 1)),
      };
      const rest = joinGroups(groups.filter((_, i) => i !== at));
      const last = !rest.some(({ reduced }) => reduced);
      const out = gpu.allocate(last ? shape : rest.map(({ length }) => length), x.dtype);
      const kind = `${op}${x.dtype === 'i32' ? 'I32' : 'F32'}` as const;
      enqueueReduction(gpu, kind, placeOf(source), form, placeOf(out));
      if (source !== x.handle) gpu.heap.release(source);
      if (last) return out;
      groups = rest;
      source = out;
    }
  }

  return {
    sum: (x, axes) => reduction('sum', x, axes),
    max: (x, axes) => reduction('max', x, axes),
  };
}

/** The group that leaves least to the passes after it. */
function longestReduced(groups: readonly AxisGroup[]): number {
  let longest = -1;
  for (const [index, { length, reduced }] of groups.entries()) {
    if (reduced && (longest < 0 || length > (groups[longest] as AxisGroup).length)) longest = index;
  }
  return longest;
}
