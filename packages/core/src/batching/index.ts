export type { BatchAxes } from './batchAxes.js';
export { jacobian, jacobianForward, type Jacobian } from './jacobian.js';
export { vmap, type VmapOptions } from './vmap.js';
