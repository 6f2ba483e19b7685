export { recurrentBackward, recurrentBackwardScratchBytes, recurrentGateGradientBytes } from './backward';
export { recurrentForward, recurrentForwardScratchBytes } from './forward';
export {
  recurrentBackwardPack,
  recurrentBackwardPackedBytes,
  recurrentBackwardPackScratchBytes,
  recurrentForwardPack,
  recurrentForwardPackedBytes,
  recurrentForwardPackScratchBytes,
} from './pack';
export { recurrentWeights, recurrentWeightsScratchBytes } from './weights';
