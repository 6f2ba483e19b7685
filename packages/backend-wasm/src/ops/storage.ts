import { sizeOf } from '@tempograd/core/backend';
import type { Backend, Operand, TypedArray } from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import type { Handle } from '../memory/Storage.js';

type Storage = 'write' | 'read' | 'readSync' | 'release' | 'memory' | 'resetPeak' | 'fill' | 'dispose';

/** Ops between host and tensors' memory. */
export function storageOps(engine: Engine): Required<Pick<Backend<Handle>, Storage>> {
  const { heap } = engine;

  function read(x: Operand<Handle>): TypedArray {
    engine.assertUsable();
    const from = engine.pointer(x) / 4;
    const view = x.dtype === 'i32' ? heap.memory.i32 : heap.memory.f32;
    return view.slice(from, from + sizeOf(x.shape));
  }

  return {
    write(data, shape, dtype) {
      engine.assertUsable();
      const out = heap.allocate(shape, dtype);
      const view = dtype === 'i32' ? heap.memory.i32 : heap.memory.f32;
      view.set(data, out.pointer / 4);
      return out;
    },
    read: async (x) => read(x),
    readSync: read,
    release: (handle) => heap.release(handle),
    memory: () => heap.info(),
    resetPeak: () => heap.resetPeak(),

    fill(shape, value, dtype) {
      const out = heap.allocate(shape, dtype);
      const total = sizeOf(shape);
      engine.setWords(out.pointer, total, value);
      if (dtype === 'f32') engine.setFloats(2, value);
      engine.run('fill', { parts: engine.partsFor(total * 0.2) });
      return out;
    },

    dispose: () => engine.dispose(),
  };
}
