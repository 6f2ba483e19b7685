/** The CPU backend: WebAssembly SIMD kernels, whole-segment recurrent passes, threads. */
export { createBackend } from './createBackend.js';
export type { WasmBackendOptions, WasmHandle } from './createBackend.js';
export { availableBuilds } from './loader/builds.js';
export type { Build } from './loader/builds.js';
