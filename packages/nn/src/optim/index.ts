export { adam, adamw, type AdamOptions } from './adam.js';
export { clipByGlobalNorm, clipByValue, type ClippedNorm } from './clip.js';
export {
  matricesOnly,
  type Optimiser,
  type OptimiserOptions,
  type OptimiserState,
  type UpdateOptions,
} from './Optimiser.js';
export {
  reduceOnPlateau,
  type PlateauOptions,
  type PlateauSchedule,
  type PlateauState,
  type ScheduleWatch,
} from './reduceOnPlateau.js';
export { rmsprop, type RmspropOptions } from './rmsprop.js';
export { constantSchedule, cosineSchedule, stepSchedule, warmUp, type Schedule } from './schedules.js';
export { sgd, type SgdOptions } from './sgd.js';
