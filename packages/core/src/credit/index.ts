export { adaptiveTruncationMask, type AdaptiveTruncationMaskOptions } from './adaptiveTruncationMask.js';
export { artbpMask, type ArtbpMaskOptions } from './artbpMask.js';
export { telescopingMask, type TelescopingMaskOptions } from './telescopingMask.js';
export { creditMatrix, type CreditMatrix, type CreditMatrixOptions } from './creditMatrix.js';
export {
  gradientByLag,
  readGradientByLag,
  type GradientByLag,
  type GradientByLagOptions,
  type LossByLag,
  type StateByLag,
} from './gradientByLag.js';
export { countedLosses, truncationMask, type TruncationMaskOptions } from './truncationMask.js';
