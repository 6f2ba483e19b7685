export {
  checkpointInfo,
  memoryCheckpointStore,
  type Checkpoint,
  type CheckpointInfo,
  type CheckpointStore,
} from './checkpoint/Checkpoint.js';
export { CheckpointError } from './checkpoint/CheckpointError.js';
export { DivergenceError, type LastGood } from './DivergenceError.js';
export { evaluate, type EvaluateOptions, type Evaluation } from './evaluate.js';
export { fit, type Training } from './fit.js';
export type { RunningAverage } from './average.js';
export type { Best, EarlyStoppingOptions } from './EarlyStopping.js';
export type { Clip, FitOptions } from './FitOptions.js';
export type { TrainingStep } from './TrainingStep.js';
export type { HealthSample, TrainingHealthOptions } from './health/TrainingHealthOptions.js';
export type { StopSignal } from './StopSignal.js';
export type { TrainableTask } from './TrainableTask.js';
export type { TrainingPosition } from './TrainingPosition.js';
