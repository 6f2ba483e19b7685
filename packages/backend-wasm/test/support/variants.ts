import type { Backend } from '@tempograd/core/backend';
import { availableBuilds, createBackend, type WasmBackendOptions, type WasmHandle } from '@tempograd/backend-wasm';
import { afterAll, beforeAll, describe } from 'vitest';
import { hasSharedMemory } from '../../src/loader/probes.js';

export type Wasm = Backend<WasmHandle>;

/**
 * One thread is the same whether or not memory can be shared: of the pages in Chromium only those that are not isolated test it.
 * In Node both are tested.
 */
const threadCounts = hasSharedMemory() ? ('document' in globalThis ? [2] : [1, 2]) : [1];

/** Every build this engine has, on one thread and on two that share even the smallest work; new storage is poisoned. */
export const variants: readonly WasmBackendOptions[] = availableBuilds().flatMap((build) =>
  threadCounts.map((threads) => ({ build, threads, parallelFrom: 0, poison: true })),
);

/** Defines the same tests for every variant; `backend` gives the one under test. */
export function describeVariants(title: string, define: (backend: () => Wasm) => void): void {
  describe.each(variants)(`${title}, $build build, $threads threads`, (options) => {
    let backend: Wasm;
    beforeAll(async () => {
      backend = await createBackend(options);
    });
    afterAll(() => backend.dispose?.());
    define(() => backend);
  });
}
