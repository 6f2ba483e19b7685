export { binaryCrossEntropy } from './binaryCrossEntropy.js';
export { crossEntropy, type CrossEntropyOptions } from './crossEntropy.js';
export { meanSquaredError } from './meanSquaredError.js';
export { normalise, normaliser } from './normalise.js';
export { countElements, countTargets, type MaskOptions } from './valid.js';
