import { sizeOf } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import type { Handle } from '../memory/Storage.js';

/** The linear recurrence over axis 0. */
export function linearScanOps(engine: Engine): Pick<Backend<Handle>, 'linearScanForward' | 'linearScanBackward'> {
  const { heap } = engine;
  return {
    linearScanForward(a, b, h0) {
      const [time = 0] = a.shape;
      const h = heap.allocate(a.shape, a.dtype);
      const width = sizeOf(h0.shape);
      engine.setWords(engine.pointer(a), engine.pointer(b), engine.pointer(h0), h.pointer, time, width);
      engine.run('linearScanForward', { parts: engine.partsFor(time * width * 0.25) });
      return h;
    },

    linearScanBackward(a, h, h0, cotangent) {
      const [time = 0] = a.shape;
      const da = heap.allocate(a.shape, a.dtype);
      const db = heap.allocate(a.shape, a.dtype);
      const dh0 = heap.allocate(h0.shape, a.dtype);
      const width = sizeOf(h0.shape);
      const inputs = [a, h, h0, cotangent].map((x) => engine.pointer(x));
      engine.setWords(...inputs, da.pointer, db.pointer, dh0.pointer, time, width);
      engine.run('linearScanBackward', { parts: engine.partsFor(time * width * 0.4) });
      return { a: da, b: db, h0: dh0 };
    },
  };
}
