export { conformanceCases } from './cases/index.js';
export { ConformanceError } from './check/ConformanceError.js';
export { halfStorageTolerances, type Precision } from './check/halfStorage.js';
export { tolerances, type Measure, type OpClass, type Tolerance } from './check/tolerances.js';
export {
  groups,
  type CaseContext,
  type CaseKind,
  type ConformanceCase,
  type Differences,
  type Group,
  type Measured,
  type Requirements,
} from './run/Case.js';
export type { CaseOutcome, ConformanceReport, RunningCase } from './run/ConformanceReport.js';
export type { Deviation } from './run/deviations.js';
export { coreKit, type AnyCell, type Kit } from './run/Kit.js';
export { familiesOf, type Selection } from './run/plan.js';
export { runConformance, type ConformanceOptions } from './run/runConformance.js';
export { checkCell, type CellReport } from './task/checkCell.js';
export { checkTask, type CheckTaskOptions, type TaskReport } from './task/checkTask.js';
export { TaskError, type TaskPromise } from './task/TaskError.js';
