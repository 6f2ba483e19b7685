import { ArgumentError } from '../backend/index.js';
import { zeros } from '../tensor/ops/index.js';
import { scope } from '../tensor/scope.js';
import { treeLeaves, treeMap } from '../tensor/tree.js';
import { Pattern } from '../tracing/index.js';
import { tracedDependence } from '../tracing/pattern/jacobianPattern.js';
import { requireCell, requireStepResult, type Cell } from './Cell.js';
import { blockName, namesOf, rowsOf, type StepArgument, type StepDerivativeOptions } from './stepDerivatives.js';
import type { StepArguments } from './traceStep.js';

/** Patterns of a step's Jacobian, by what `by` names. */
export type CellPattern<B extends StepArgument> = { readonly [K in B as `carryBy${Capitalize<K>}`]: Pattern };

/**
 * Which entries of a cell's Jacobian can differ from 0: for a row of the batch, rows of the pattern are the elements of the new
 * carry, columns those of the old one, of the parameters or of the input, tensor after tensor in the order of `treeLeaves`. It is
 * derived from a traced step, or what the cell itself says (`Cell.pattern`). Of the arguments only shapes and dtypes are looked at.
 * @throws TraceError when the step reads a value or has effects; ArgumentError when the cell's own pattern has another size.
 */
export function cellPattern<P, C, X, Y, B extends StepArgument = 'params' | 'carry'>(
  cell: Cell<P, C, X, Y>,
  params: P,
  carry: C,
  input: X,
  options: StepDerivativeOptions<B> = {},
): CellPattern<B> {
  requireCell('cellPattern', cell);
  const by = namesOf('cellPattern', options);
  rowsOf('cellPattern', carry, input);
  return scope(() => {
    const at: StepArguments<P, C, X> = { params, carry: oneRow(carry), input: oneRow(input) };
    const context = { key: options.key ?? null, time: options.time ?? 0 };
    const { sets, inputs } = tracedDependence(
      (x: typeof at) => requireStepResult(cell.step(x.params, x.carry, x.input, context)).carry,
      at,
    );
    let next = 0;
    const derived = Object.fromEntries(
      (['params', 'carry', 'input'] as const).map((name) => {
        const from = next;
        next += treeLeaves(at[name]).length;
        return [name, Pattern.fromSets(sets, inputs.slice(from, next))];
      }),
    ) as Record<StepArgument, Pattern>;
    const patterns = { ...derived, carry: ownPattern(cell, at.carry, derived.carry) };
    return Object.fromEntries(by.map((name) => [blockName[name], patterns[name]]));
  }) as CellPattern<B>;
}

function ownPattern<C>(cell: Pick<Cell<never, C>, 'pattern'>, carry: C, derived: Pattern): Pattern {
  const own = cell.pattern?.(carry);
  if (own === undefined) return derived;
  if (own.rows !== derived.rows || own.columns !== derived.columns) {
    throw new ArgumentError(
      `cellPattern: the cell's own pattern is ${own.rows} × ${own.columns}, but a row of its carry has ${derived.rows} elements.`,
    );
  }
  return own;
}

/** A tree with a row of zeros in place of each batch. */
function oneRow<T>(batch: T): T {
  return treeMap(batch, ({ shape, dtype, backend }) => zeros([1, ...shape.slice(1)], { dtype, backend }));
}
