import type { Kernel } from './Kernel.js';
import code from './fill.wgsl.js';

/** Writes one word's bits over a stretch of words. */
export const fillKernel: Kernel = { name: 'fill', code, bindings: ['write'] };
