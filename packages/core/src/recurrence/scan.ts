import { ArgumentError, checkOptions, formatShape, sameShape, ShapeError } from '../backend/index.js';
import { reshape, row, select, stack } from '../tensor/ops/index.js';
import { alias, scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { disposeTree, treeFill, treeLeaves, treeMap, treeZip } from '../tensor/tree.js';
import { scanTable, type Cell, type ScanOptions, type StepResult } from './Cell.js';

/**
 * Runs a cell over time: inputs `[time, batch, …]` (a tensor or a tree of them) → output `[time, batch, …]` and the last carry.
 * Takes the cell's whole-segment path where it has one, else one step after another.
 * @throws ArgumentError for a segment without steps; ShapeError when inputs or mask differ in length.
 */
export function scan<P, C, X, Y>(
  cell: Cell<P, C, X, Y>,
  params: P,
  carry: C,
  inputs: X,
  options: ScanOptions = {},
): StepResult<C, Y> {
  checkOptions('scan', options, scanTable);
  const time = timeOf(inputs);
  const { mask } = options;
  if (mask && (mask.rank !== 2 || mask.shape[0] !== time)) {
    throw new ShapeError(
      `scan: the mask is ${formatShape(mask.shape)}, but must be [time, batch] with time = ${time} as the inputs have.`,
    );
  }
  if (cell.segment !== undefined) return cell.segment(params, carry, inputs, options);
  return scanSteps(cell, params, carry, inputs, options);
}

/** As `scan`, always one step after another: the reference for whole-segment paths. */
export function scanSteps<P, C, X, Y>(
  cell: Cell<P, C, X, Y>,
  params: P,
  carry: C,
  inputs: X,
  options: ScanOptions = {},
): StepResult<C, Y> {
  checkOptions('scanSteps', options, scanTable);
  const { mask, reverse = false } = options;
  return overTime(timeOf(inputs), carry, reverse, (current, t) => {
    const input = treeMap(inputs, (x) => row(x, t));
    const next = cell.step(params, current, input);
    return mask ? maskStep(row(mask, t), current, next) : next;
  });
}

/**
 * The one time loop: folds `step` over time and stacks its outputs. Each step is a scope, so that its temporaries are freed
 * as soon as it ends; a superseded carry likewise.
 */
export function overTime<C, Y>(
  time: number,
  initial: C,
  reverse: boolean,
  step: (carry: C, t: number) => StepResult<C, Y>,
): StepResult<C, Y> {
  const outputs = new Array<Y>(time);
  let carry = initial;
  for (let index = 0; index < time; index++) {
    const t = reverse ? time - 1 - index : index;
    const former = carry;
    const result = scope(() => {
      const next = step(former, t);
      return { carry: treeMap(next.carry, alias), output: treeMap(next.output, alias) };
    });
    carry = result.carry;
    outputs[t] = result.output;
    if (index > 0) disposeTree(former);
  }
  const leaves = outputs.map((output) => treeLeaves(output));
  const stacked = (leaves[0] as Tensor[]).map((_, leaf) => stack(leaves.map((each) => each[leaf] as Tensor)));
  for (const each of leaves) for (const leaf of each) leaf.dispose();
  return { carry, output: treeFill(outputs[0] as Y, stacked) };
}

/** Number of steps of a tree of `[time, …]` tensors. */
export function timeOf(inputs: unknown): number {
  const leaves = treeLeaves(inputs);
  const time = leaves[0]?.shape[0];
  if (time === undefined || time === 0) {
    throw new ArgumentError(
      'A recurrence was given nothing to run over: inputs must be [time, batch, …] with at least one step.',
    );
  }
  const other = leaves.find((leaf) => leaf.shape[0] !== time);
  if (other !== undefined) {
    throw new ShapeError(
      `Inputs of one segment differ in length: ${formatShape((leaves[0] as Tensor).shape)} and ${formatShape(other.shape)}; the first axis is time.`,
    );
  }
  return time;
}

function maskStep<C, Y>(valid: Tensor, carry: C, next: StepResult<C, Y>): StepResult<C, Y> {
  const rows = (leaf: Tensor): Tensor => {
    if (leaf.rank === 0 || !sameShape(leaf.shape.slice(0, 1), valid.shape)) {
      throw new ShapeError(
        `scan: a mask [time, ${valid.size}] needs carry and output leaves [${valid.size}, …], but one is ${formatShape(leaf.shape)}.`,
      );
    }
    return reshape(valid, [valid.size, ...leaf.shape.slice(1).map(() => 1)]);
  };
  return {
    carry: treeZip(next.carry, carry, (after, before) => select(rows(after), after, before)),
    output: treeMap(next.output, (output) => select(rows(output), output, 0)),
  };
}
