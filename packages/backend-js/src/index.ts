export { createBackend } from './createBackend.js';
export type { JsBackendOptions } from './createBackend.js';
export type { JsHandle } from './memory.js';
