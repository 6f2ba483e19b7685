export { recurrentBackward, recurrentBackwardScratchBytes, recurrentGateGradientBytes } from './backward';
export { recurrentForward, recurrentForwardScratchBytes } from './forward';
export {
  recurrentBackwardPack,
  recurrentBackwardPackedBytes,
  recurrentForwardPack,
  recurrentForwardPackedBytes,
} from './pack';
export { recurrentWeights, recurrentWeightsScratchBytes } from './weights';
