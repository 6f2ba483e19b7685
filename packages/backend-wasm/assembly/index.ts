// Everything the builds export.

/** The first byte that the module's constants leave free. */
export function heapBase(): usize {
  return __heap_base;
}

export * from './elementwise/binaryKernels';
export * from './elementwise/fill';
export * from './elementwise/select';
export * from './elementwise/unaryKernels';
export * from './layout/gatherRows';
export * from './layout/gatherStrided';
export * from './layout/joinRows';
export * from './layout/transpose';
export * from './norm/layerNorm';
export * from './norm/layerNormBackward';
export * from './optimiser/adam';
export * from './optimiser/rmsprop';
export * from './optimiser/sgd';
export * from './product';
export * from './random/threefry';
export * from './recurrent';
export * from './reduce/columns';
export * from './reduce/norm';
export * from './reduce/rows';
export * from './scan/linearScan';
export * from './softmax/crossEntropy';
export * from './product';
