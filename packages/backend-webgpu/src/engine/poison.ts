import type { Kernel } from './Kernel.js';
import code from './poison.wgsl.js';

/** Fills new storage with NaN, for tests. */
export const poisonKernel: Kernel = { name: 'poison', code, bindings: ['write'] };
