import { createBackend } from '@tempograd/backend-js';
import type { Backend } from '../../src/backend/index.js';

/** A backend that only reads asynchronously, as devices do: what would read in between fails. */
export function deviceLike(): Backend {
  const backend = createBackend();
  return { ...bound(backend), name: 'device-like', capabilities: { ...backend.capabilities, syncRead: false } };
}

function bound(backend: Backend): Backend {
  const methods: Record<string, unknown> = {};
  for (
    let at: object | null = backend;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object
  ) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (name === 'readSync' || name === 'constructor' || name in methods) continue;
      const value: unknown = (backend as unknown as Record<string, unknown>)[name];
      methods[name] = typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(backend) : value;
    }
  }
  return methods as unknown as Backend;
}
