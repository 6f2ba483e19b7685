export { loadInto, type LoadOptions } from './loadInto.js';
export { readSafetensors, type ReadOptions } from './read.js';
export { SafetensorsError } from './SafetensorsError.js';
export { readTree, type SafetensorsFile, type StoredTensor } from './StoredTensor.js';
export { writeSafetensors } from './write.js';
