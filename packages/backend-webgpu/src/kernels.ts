import { unaryKernel } from './elementwise/elementwise.js';
import type { Kernel } from './engine/Kernel.js';
import { poisonKernel } from './engine/poison.js';
import { plainKernel } from './product/product.js';
import { fillKernel } from './storage/storage.js';

/** Every kernel, for the build, which checks them. */
export const kernels: readonly Kernel[] = [poisonKernel, fillKernel, unaryKernel, plainKernel];
