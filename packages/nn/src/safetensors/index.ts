export { loadInto } from './loadInto.js';
export { readSafetensors, type ReadOptions } from './read.js';
export { requireTensors, type LoadOptions } from './requireTensors.js';
export { SafetensorsError } from './SafetensorsError.js';
export { readTree, type SafetensorsFile, type StoredTensor, type TensorSpec } from './StoredTensor.js';
export { writeSafetensors } from './write.js';
