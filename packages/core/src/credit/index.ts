export { creditMatrix, type CreditMatrix, type CreditMatrixOptions } from './creditMatrix.js';
export { countedLosses, truncationMask, type TruncationMaskOptions } from './truncationMask.js';
