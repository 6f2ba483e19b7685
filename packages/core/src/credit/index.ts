export { creditMatrix, type CreditMatrix } from './creditMatrix.js';
export { countedLosses, truncationMask, type TruncationMaskOptions } from './truncationMask.js';
