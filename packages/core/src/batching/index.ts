export type { BatchAxes } from './batchAxes.js';
export { vmap, type VmapOptions } from './vmap.js';
