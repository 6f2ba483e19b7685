import { sizeOf } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import type { Handle } from '../memory/Storage.js';

/** Random fill by counter. */
export function randomOps(engine: Engine): Pick<Backend<Handle>, 'randomUniform'> {
  const { heap } = engine;
  return {
    randomUniform(shape, dtype, key, offset) {
      const out = heap.allocate(shape, dtype);
      const total = sizeOf(shape);
      const block = Math.floor(offset / 2);
      engine.setWords(out.pointer, total, key[0], key[1], block % 2 ** 32, Math.floor(block / 2 ** 32), offset % 2);
      engine.runWithScratch('randomUniform', engine.partsFor(total * 3));
      return out;
    },
  };
}
