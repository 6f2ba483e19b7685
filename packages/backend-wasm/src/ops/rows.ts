import { sizeOf } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import type { Handle } from '../memory/Storage.js';

/** Bits of a quiet NaN. */
const nanBits = 0x7fc00000;

/** Rows by number. */
export function rowOps(engine: Engine): Pick<Backend<Handle>, 'gather' | 'scatterAdd'> {
  const { heap } = engine;
  return {
    gather(x, indices) {
      const [rows = 0, ...rest] = x.shape;
      const out = heap.allocate([...indices.shape, ...rest], x.dtype);
      const length = sizeOf(rest);
      const count = sizeOf(indices.shape);
      const outside = x.dtype === 'i32' ? 0 : nanBits;
      engine.setWords(engine.pointer(x), engine.pointer(indices), out.pointer, rows, length, count, outside);
      engine.run('gatherRows', { parts: engine.partsFor(count * (5 + length * 0.3)) });
      return out;
    },

    scatterAdd(indices, updates, rows) {
      const rest = updates.shape.slice(indices.shape.length);
      const out = heap.allocate([rows, ...rest], updates.dtype);
      const length = sizeOf(rest);
      const count = sizeOf(indices.shape);
      engine.setWords(engine.pointer(updates), engine.pointer(indices), out.pointer, rows, length, count);
      const parts = engine.partsFor(rows * length * 0.1 + count * (5 + length * 0.4));
      engine.run(updates.dtype === 'i32' ? 'scatterAddI32' : 'scatterAddF32', { parts });
      return out;
    },
  };
}
