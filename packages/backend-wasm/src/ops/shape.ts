import { asMatrices, broadcastStrides, sizeOf, stridesOf } from '@tempograd/core/backend';
import type { Backend, Operand, Shape } from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import type { Handle } from '../memory/Storage.js';
import { layOut } from './layout.js';

type X = Operand<Handle>;

/** About how long an element of a copy takes, in nanoseconds. */
const copyCost = 0.4;

/** Ops that move elements or look at them under another shape. */
export function shapeOps(
  engine: Engine,
): Pick<Backend<Handle>, 'reshape' | 'transpose' | 'broadcast' | 'slice' | 'concat' | 'flip'> {
  const { heap } = engine;

  /** A dense copy of `x` read from element `first` on with these strides, in elements. */
  function copyStrided(x: X, shape: Shape, first: number, strides: readonly number[]): Handle {
    const out = heap.allocate(shape, x.dtype);
    const total = sizeOf(shape);
    if (total === 0) return out;
    const { inner, innerStrides, rank, axes } = layOut(shape, [strides]);
    const start = engine.pointer(x) + first * 4;
    engine.setWords(start, out.pointer, total, inner, innerStrides[0] as number, rank, ...axes);
    engine.run('gatherStrided', { parts: engine.partsFor(total * copyCost) });
    return out;
  }

  return {
    reshape: (x) => heap.view(x.handle),

    transpose(x, permutation) {
      const shape = permutation.map((axis) => x.shape[axis] as number);
      const matrices = asMatrices(x.shape, permutation);
      if (matrices === null) {
        const own = stridesOf(x.shape);
        return copyStrided(
          x,
          shape,
          0,
          permutation.map((axis) => own[axis] as number),
        );
      }
      const out = heap.allocate(shape, x.dtype);
      engine.setWords(engine.pointer(x), out.pointer, ...matrices);
      engine.run('transpose', { parts: engine.partsFor(sizeOf(shape) * copyCost) });
      return out;
    },

    broadcast: (x, shape) => copyStrided(x, shape, 0, broadcastStrides(x.shape, shape)),

    slice(x, begin, size) {
      const strides = stridesOf(x.shape);
      const first = begin.reduce((sum, at, axis) => sum + at * (strides[axis] as number), 0);
      if (isContiguous(x.shape, size)) return heap.view(x.handle, sizeOf(size) === 0 ? 0 : first);
      return copyStrided(x, size, first, strides);
    },

    concat(xs, axis) {
      const [head] = xs as readonly [X];
      const shape = head.shape.with(
        axis,
        xs.reduce((sum, x) => sum + (x.shape[axis] as number), 0),
      );
      const out = heap.allocate(shape, head.dtype);
      const rows = sizeOf(shape.slice(0, axis));
      const outBytes = sizeOf(shape.slice(axis)) * 4;
      let offset = 0;
      for (const x of xs) {
        const bytes = sizeOf(x.shape.slice(axis)) * 4;
        engine.setWords(engine.pointer(x), out.pointer + offset, rows, bytes, bytes, outBytes);
        engine.run('joinRows', { parts: engine.partsFor(((rows * bytes) / 4) * copyCost) });
        offset += bytes;
      }
      return out;
    },

    flip(x, axes) {
      const strides = stridesOf(x.shape);
      let first = 0;
      for (const axis of axes) {
        const stride = strides[axis] as number;
        first += stride * ((x.shape[axis] as number) - 1);
        strides[axis] = -stride;
      }
      return copyStrided(x, x.shape, first, strides);
    },
  };
}

/** Whether a box of `size` in a tensor of `shape` is one stretch of memory. */
function isContiguous(shape: Shape, size: Shape): boolean {
  let axis = 0;
  while (axis < size.length && size[axis] === 1) axis++;
  for (axis++; axis < size.length; axis++) if (size[axis] !== shape[axis]) return sizeOf(size) === 0;
  return true;
}
