export { conformanceCases } from './cases/index.js';
export { ConformanceError } from './check/ConformanceError.js';
export { tolerances, type Measure, type OpClass, type Tolerance } from './check/tolerances.js';
export type { CaseOutcome, ConformanceReport } from './report/ConformanceReport.js';
export {
  columnTitle,
  compareReports,
  type ComparedBackend,
  type ComparedField,
  type ComparedOutcome,
  type Comparison,
  type UncheckedBackend,
} from './report/compareReports.js';
export { comparisonToHtml } from './report/comparisonToHtml.js';
export { comparisonToMarkdown } from './report/comparisonToMarkdown.js';
export { reportToHtml } from './report/reportToHtml.js';
export { reportToJson } from './report/reportToJson.js';
export { reportToMarkdown } from './report/reportToMarkdown.js';
export { formatError, type Cell } from './report/rows.js';
export {
  groups,
  type CaseContext,
  type CaseKind,
  type ConformanceCase,
  type Group,
  type Measured,
  type Requirements,
} from './run/Case.js';
export type { Deviation } from './run/deviations.js';
export { coreKit, type AnyCell, type Kit } from './run/Kit.js';
export type { Selection } from './run/plan.js';
export { runConformance, type ConformanceOptions } from './run/runConformance.js';
export { checkCell, type CellReport } from './task/checkCell.js';
export { checkTask, type CheckTaskOptions, type TaskReport } from './task/checkTask.js';
export { TaskError, type TaskPromise } from './task/TaskError.js';
