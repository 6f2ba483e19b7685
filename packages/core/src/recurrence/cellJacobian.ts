import { isFloat } from '../backend/index.js';
import { vjp } from '../autodiff/index.js';
import { blocksOf, pullUnits, type Jacobian } from '../batching/jacobian.js';
import { vmap } from '../batching/index.js';
import { fromArray, gather, reshape } from '../tensor/ops/index.js';
import { scope } from '../tensor/scope.js';
import { treeLeaves, treeMap } from '../tensor/tree.js';
import { requireCell, requireStepResult, type Cell, type StepResult } from './Cell.js';
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
 * elements of the carry at once; with a key, whose numbers are drawn for the batch as a whole, the backward pass is of the whole
 * batch for each row. `by` says what to differentiate by; default is the carry and the parameters, which
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
  requireCell('cellJacobian', cell);
  const by = namesOf('cellJacobian', options);
  const context = { key: options.key ?? null, time: options.time ?? 0 };
  /** The step with its derivatives; `pick` takes from gradients by carry and input what belongs to each result. */
  const derive = (carryAt: C, inputAt: X, step: typeof cell.step, pick: <T>(gradient: T, after: C) => T): unknown => {
    const at = { params, carry: carryAt, input: inputAt };
    const moving = Object.fromEntries(by.map((name) => [name, at[name]])) as Partial<typeof at>;
    const { value, pullback } = vjp((moved: typeof moving) => {
      const given = { ...at, ...moved };
      return step(given.params, given.carry, given.input, context);
    }, moving);
    try {
      const gradients = pullUnits((units: C) => pullback({ carry: units, output: null as Y }), value.carry);
      const blocks = by.map((name) => {
        const gradient = name === 'params' ? gradients[name] : pick(gradients[name], value.carry);
        return [blockName[name], blocksOf(value.carry, gradient)];
      });
      return { ...value, ...Object.fromEntries(blocks) };
    } finally {
      pullback.dispose();
    }
  };
  /** A row by itself, seen without its batch axis. */
  const ofRow = ({ carryRow, inputRow }: { carryRow: C; inputRow: X }): unknown =>
    derive(
      carryRow,
      inputRow,
      (p, c, x, at) => {
        const after = requireStepResult(cell.step(p, withBatchAxis(c), withBatchAxis(x), at));
        return { carry: withoutBatchAxis(after.carry), output: withoutBatchAxis(after.output) };
      },
      (gradient) => gradient,
    );
  const rows = rowsOf('cellJacobian', carry, input);
  return scope(() => {
    if (rows === 1)
      return withBatchAxis(ofRow({ carryRow: withoutBatchAxis(carry), inputRow: withoutBatchAxis(input) }));
    if (context.key === null) return vmap(ofRow)({ carryRow: carry, inputRow: input });
    // What a step draws is for the batch as a whole, so that no row can be done by itself.
    return derive(carry, input, cell.step.bind(cell), ownRows);
  }) as CellJacobian<P, C, X, Y, B>;
}

/** Of the gradients `[units, batch, …]` of all elements of a carry, for each the row of the batch that it belongs to: `[units, …]`. */
function ownRows<T>(gradients: T, carry: unknown): T {
  const rowOfUnit = treeLeaves(carry).flatMap(({ shape, size, dtype }) =>
    isFloat(dtype)
      ? Array.from({ length: size }, (_, element) => Math.floor((element * (shape[0] as number)) / size))
      : [],
  );
  return treeMap(gradients, (gradient) => {
    const [units, batch, ...rest] = gradient.shape as [number, number, ...number[]];
    const places = Int32Array.from(rowOfUnit, (row, unit) => unit * batch + row);
    const indices = fromArray(places, [units], { dtype: 'i32', backend: gradient.backend });
    return gather(reshape(gradient, [units * batch, ...rest]), indices);
  });
}

function withBatchAxis<T>(row: T): T {
  return treeMap(row, (leaf) => reshape(leaf, [1, ...leaf.shape]));
}

function withoutBatchAxis<T>(batch: T): T {
  return treeMap(batch, (leaf) => reshape(leaf, leaf.shape.slice(1)));
}
