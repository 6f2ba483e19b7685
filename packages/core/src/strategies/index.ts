export { adaptiveTruncation, type AdaptiveTruncationOptions } from './adaptiveTruncation.js';
export { artbp, type ArtbpOptions, type ArtbpStrategy } from './artbp.js';
export { checkpointedBptt, type CheckpointedBpttOptions } from './checkpointedBptt.js';
export type { CheckpointOptions, SlowStates, StateSlots } from './checkpointOptions.js';
export {
  checkpointSchedule,
  type CheckpointAction,
  type CheckpointSchedule,
  type CheckpointScheduleOptions,
} from './checkpointSchedule.js';
export type { CutOptions } from './cutChances.js';
export { fullBptt, type FullBpttOptions } from './fullBptt.js';
export type { LossWeights } from './lossWeights.js';
export type { StateStore, StoredArray } from './StateStore.js';
export type {
  PieceSnapshot,
  RunOptions,
  RunSnapshot,
  StepRange,
  Strategy,
  StrategyRun,
  TruncationEstimate,
  Update,
} from './Strategy.js';
export { truncatedBptt, type TruncatedBpttOptions } from './truncatedBptt.js';
export type { LengthOptions } from './lengthDistribution.js';
export {
  randomTelescoping,
  type RandomTelescopingOptions,
  type RandomTelescopingStrategy,
} from './randomTelescoping.js';
