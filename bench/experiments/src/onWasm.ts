import { createBackend } from '@tempograd/backend-wasm';
import { useBackend } from '@tempograd/core';

/** Runs `fn` on WebAssembly, in the one build that computes the same bits on every machine and in every version of Node. */
export async function onWasm<R>(fn: () => Promise<R>, options: { readonly threads?: number } = {}): Promise<R> {
  const backend = await createBackend({ build: 'simd', ...options });
  useBackend(backend);
  try {
    return await fn();
  } finally {
    backend.dispose?.();
  }
}
