import { ArgumentError, checkOptions, formatShape, ShapeError } from '../backend/index.js';
import { row } from '../tensor/ops/index.js';
import { requireDType } from '../tensor/ops/operands.js';
import { scope } from '../tensor/scope.js';
import { treeMap } from '../tensor/tree.js';
import { requireCell, requireStepResult, scanTable, type Cell, type ScanOptions, type StepResult } from './Cell.js';
import { overTime, timeOf, withoutPadding } from './overTime.js';
import { scanCompiled } from './scanCompiled.js';

/**
 * Runs a cell over time: inputs `[time, batch, …]` (a tensor or a tree of them) → output `[time, batch, …]` and the last carry.
 * Takes the cell's whole-segment path where it has one; else the backend's, which compiles the traced step; else one step after another.
 * At masked steps the cell is given zeros for inputs `[time, batch, …]`: what is there is not looked at, and contributes exactly 0.
 * @throws ArgumentError for a segment without steps, and where carries or outputs of two steps differ in structure; ShapeError,
 * DTypeError when inputs or mask do not fit.
 */
export function scan<P, C, X, Y>(
  cell: Cell<P, C, X, Y>,
  params: P,
  carry: C,
  inputs: X,
  options: ScanOptions = {},
): StepResult<C, Y> {
  requireCell('scan', cell);
  checkOptions('scan', options, scanTable);
  const time = timeOf(inputs);
  const { mask, from = 0 } = options;
  requireFrom('scan', from);
  if (mask && (mask.rank !== 2 || mask.shape[0] !== time)) {
    throw new ShapeError(
      `scan: the mask is ${formatShape(mask.shape)}, but must be [time, batch] with time = ${time} as the inputs have.`,
    );
  }
  if (mask) requireDType('scan', 'the mask', mask, 'i32');
  if (cell.segment !== undefined) return cell.segment(params, carry, inputs, options);
  return scanCompiled(cell, params, carry, inputs, options) ?? scanSteps(cell, params, carry, inputs, options);
}

/** As `scan`, always one step after another: the reference for whole-segment paths. */
export function scanSteps<P, C, X, Y>(
  cell: Cell<P, C, X, Y>,
  params: P,
  carry: C,
  inputs: X,
  options: ScanOptions = {},
): StepResult<C, Y> {
  requireCell('scanSteps', cell);
  checkOptions('scanSteps', options, scanTable);
  const { mask, reverse = false, key = null, from = 0 } = options;
  requireFrom('scanSteps', from);
  return scope(() => {
    const seen = mask ? treeMap(inputs, (x) => withoutPadding(x, mask)) : inputs;
    return overTime(timeOf(inputs), carry, { mask, reverse }, (current, t) => {
      const input = treeMap(seen, (x) => row(x, t));
      return requireStepResult(cell.step(params, current, input, { key, time: from + t }));
    });
  });
}

function requireFrom(op: string, from: number): void {
  if (!Number.isSafeInteger(from) || from < 0) {
    throw new ArgumentError(`${op}: from ${from} is not a whole number ≥ 0, the index of a step.`);
  }
}
