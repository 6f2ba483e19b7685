export type { Cell, CellContext, ScanOptions, StepResult } from './Cell.js';
export {
  gruCell,
  lstmCell,
  rnnCell,
  type CellOptions,
  type LstmCarry,
  type RecurrentParams,
  type RnnCellOptions,
} from './cells.js';
export { cellJacobian, type CellJacobian } from './cellJacobian.js';
export { cellPattern, type CellPattern } from './cellPattern.js';
export { linearScan } from './linearScan.js';
export { observeSegments, type SegmentSeen } from './observeSegments.js';
export { recordStateCotangents } from './recordStateCotangents.js';
export { timeOf } from './overTime.js';
export { recurrent, type RecurrentCall } from './recurrent.js';
export { cellTask, type CellTaskSettings, type SequenceTask, type StepContext } from './SequenceTask.js';
export { scan, scanSteps } from './scan.js';
export { traceStep, type StepArguments } from './traceStep.js';
export type { StepArgument, StepDerivativeOptions } from './stepDerivatives.js';
