import type { Backend } from '@tempograd/core/backend';
import type { Gpu } from './Gpu.js';

const engines = new WeakMap<object, Gpu>();

/** Notes what a backend runs on. */
export function setEngine(backend: Backend, gpu: Gpu): void {
  engines.set(backend, gpu);
}

/** What a backend runs on, its counts among it: for tests and measurements, not for users. */
export function engineOf(backend: object): Gpu {
  const gpu = engines.get(backend);
  if (gpu === undefined) throw new TypeError('engineOf takes a backend that createBackend of this package made.');
  return gpu;
}
