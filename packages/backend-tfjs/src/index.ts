export { createBackend, createBackend as tfjs, type TfjsBackend, type TfjsBackendOptions } from './createBackend.js';
export type { TfjsCore, TfjsTensor } from './TfjsCore.js';
export { fromTfjs } from './interop/fromTfjs.js';
export { toTfjs } from './interop/toTfjs.js';
