import { vjp } from '../autodiff/index.js';
import { blocksOf, pullUnits, type Jacobian } from '../batching/jacobian.js';
import { vmap } from '../batching/index.js';
import { reshape } from '../tensor/ops/index.js';
import { scope } from '../tensor/scope.js';
import { treeMap } from '../tensor/tree.js';
import type { Cell, StepResult } from './Cell.js';
import { blockName, namesOf, rowsOf, type StepDerivativeOptions } from './stepDerivatives.js';
import type { StepArguments } from './traceStep.js';

/**
 * One step with the derivatives of its carry: `carryByCarry` has for each leaf `[batch, …shape]` of the new carry a tree like the
 * old one of blocks `[batch, …shape, …shape of the old]`; `carryByParams` a tree like the parameters of blocks
 * `[batch, …shape, …shape of the parameter]`; `carryByInput` accordingly.
 */
export type CellJacobian<P, C, X, Y, B extends keyof StepArguments<P, C, X>> = StepResult<C, Y> & {
  readonly [K in B as `carryBy${Capitalize<K>}`]: Jacobian<C, StepArguments<P, C, X>[K]>;
};

/**
 * The exact Jacobian of one step of a cell, row by row of the batch: one forward pass of the step and one backward pass for all
 * elements of the carry at once. `by` says what to differentiate by; default is the carry and the parameters, which
 * is `(Σ carry)·(Σ parameters)` numbers a row. Results belong to the caller's scope.
 * @throws ShapeError unless all leaves of carry and input have one length of axis 0, the batch.
 */
export function cellJacobian<P, C, X, Y, B extends keyof StepArguments<P, C, X> = 'params' | 'carry'>(
  cell: Cell<P, C, X, Y>,
  params: P,
  carry: C,
  input: X,
  options: StepDerivativeOptions<B> = {},
): CellJacobian<P, C, X, Y, B> {
  const by = namesOf('cellJacobian', options);
  const { time = 0 } = options;
  /** The step of one row, which is seen without its batch axis. */
  const ofRow = ({ carryRow, inputRow }: { carryRow: C; inputRow: X }): unknown => {
    const at = { params, carry: carryRow, input: inputRow };
    const moving = Object.fromEntries(by.map((name) => [name, at[name]])) as Partial<typeof at>;
    const { value, pullback } = vjp((moved: typeof moving): StepResult<C, Y> => {
      const given = { ...at, ...moved };
      const after = cell.step(given.params, withBatchAxis(given.carry), withBatchAxis(given.input), {
        key: null,
        time,
      });
      return { carry: withoutBatchAxis(after.carry), output: withoutBatchAxis(after.output) };
    }, moving);
    try {
      const gradients = pullUnits((units: C) => pullback({ carry: units, output: null as Y }), value.carry);
      const blocks = by.map((name) => [blockName[name], blocksOf(value.carry, gradients[name])]);
      return { ...value, ...Object.fromEntries(blocks) };
    } finally {
      pullback.dispose();
    }
  };
  const rows = rowsOf('cellJacobian', carry, input);
  return scope(() =>
    rows === 1
      ? withBatchAxis(ofRow({ carryRow: withoutBatchAxis(carry), inputRow: withoutBatchAxis(input) }))
      : vmap(ofRow)({ carryRow: carry, inputRow: input }),
  ) as CellJacobian<P, C, X, Y, B>;
}

function withBatchAxis<T>(row: T): T {
  return treeMap(row, (leaf) => reshape(leaf, [1, ...leaf.shape]));
}

function withoutBatchAxis<T>(batch: T): T {
  return treeMap(batch, (leaf) => reshape(leaf, leaf.shape.slice(1)));
}
