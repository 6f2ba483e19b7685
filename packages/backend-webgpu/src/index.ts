export { createBackend, type WebGpuBackendOptions, type WebGpuHandle } from './createBackend.js';
