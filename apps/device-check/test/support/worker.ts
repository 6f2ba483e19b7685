import { createBackend as createJs } from '@tempograd/backend-js';
import { createBackend as createWasm } from '@tempograd/backend-wasm';
import { BackendError, type Backend } from '@tempograd/core/backend';
import { Absent } from '../../src/backends/Absent.js';
import type { Opened } from '../../src/backends/Opener.js';
import { serve } from '../../src/worker/serve.js';

const whole = (backend: Backend): Opened => ({ backend, deviations: [] });

/** The reference under another name, which meets its fate where floor is asked for. */
function withFloor(name: string, floor: (all: Record<string, unknown>) => void): Opened {
  const backend = createJs() as Backend;
  const all: Record<string, unknown> = { ...backend, name };
  all['unary'] = (...args: Parameters<Backend['unary']>) => {
    if (args[0] === 'floor') floor(all);
    return backend.unary(...args);
  };
  return whole(all as unknown as Backend);
}

function lose(all: Record<string, unknown>): never {
  const gone = (): never => {
    throw new BackendError('The GPU device was lost.');
  };
  for (const op of ['write', 'read', 'unary']) all[op] = gone;
  return gone();
}

serve({
  js: async () => whole(createJs()),
  wasm: async () => whole(await createWasm()),
  wrong: async () => {
    const backend = createJs() as Backend;
    return whole({ ...backend, name: 'wrong', flip: (x) => backend.reshape(x, x.shape) });
  },
  lost: async () => withFloor('lost', lose),
  hanging: async () =>
    withFloor('hanging', () => {
      for (;;);
    }),
  absent: async () => {
    throw new Absent('This browser has none. Take another.');
  },
  unsound: async () => {
    throw new Error('no such <adapter>');
  },
});
