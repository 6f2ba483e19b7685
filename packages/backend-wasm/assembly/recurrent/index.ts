export {
  recurrentBackward,
  recurrentBackwardScratchBytes,
  recurrentBackwardStep,
  recurrentBackwardStepScratchBytes,
  recurrentGateGradientBytes,
} from './backward';
export {
  recurrentForward,
  recurrentForwardScratchBytes,
  recurrentForwardStep,
  recurrentForwardStepScratchBytes,
} from './forward';
export {
  recurrentBackwardPack,
  recurrentBackwardPackedBytes,
  recurrentForwardPack,
  recurrentForwardPackedBytes,
} from './pack';
export { recurrentWeights, recurrentWeightsScratchBytes } from './weights';
