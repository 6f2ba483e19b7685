import { ArgumentError, checkOptions, formatShape, optionTable, ShapeError } from '../backend/index.js';
import { vjp } from '../autodiff/index.js';
import { blocksOf, pullUnits, type Jacobian } from '../batching/jacobian.js';
import { vmap } from '../batching/index.js';
import { reshape } from '../tensor/ops/index.js';
import { scope } from '../tensor/scope.js';
import { treeEntries, treeMap } from '../tensor/tree.js';
import type { Cell, StepResult } from './Cell.js';

/** What a step's carry is differentiated by. */
interface Arguments<P, C, X> {
  readonly params: P;
  readonly carry: C;
  readonly input: X;
}

/**
 * One step with the derivatives of its carry: `carryByCarry` has for each leaf `[batch, …shape]` of the new carry a tree like the
 * old one of blocks `[batch, …shape, …shape of the old]`; `carryByParams` a tree like the parameters of blocks
 * `[batch, …shape, …shape of the parameter]`; `carryByInput` accordingly.
 */
export type CellJacobian<P, C, X, Y, B extends keyof Arguments<P, C, X>> = StepResult<C, Y> & {
  readonly [K in B as `carryBy${Capitalize<K>}`]: Jacobian<C, Arguments<P, C, X>[K]>;
};

/** What to differentiate a step by. */
export interface CellJacobianOptions<B extends string = 'params' | 'carry' | 'input'> {
  /** One or more of params, carry and input; default is the first two. */
  readonly by?: readonly B[];
}

const cellJacobianTable = optionTable<CellJacobianOptions>({ by: 'array' });

/**
 * The exact Jacobian of one step of a cell, row by row of the batch: one forward pass of the step and one backward pass for all
 * elements of the carry at once. `by` says what to differentiate by; default is the carry and the parameters, which
 * is `(Σ carry)·(Σ parameters)` numbers a row. Results belong to the caller's scope.
 * @throws ShapeError unless all leaves of carry and input have one length of axis 0, the batch.
 */
export function cellJacobian<P, C, X, Y, B extends keyof Arguments<P, C, X> = 'params' | 'carry'>(
  cell: Cell<P, C, X, Y>,
  params: P,
  carry: C,
  input: X,
  options: CellJacobianOptions<B> = {},
): CellJacobian<P, C, X, Y, B> {
  checkOptions('cellJacobian', options, cellJacobianTable);
  const by: readonly (keyof Arguments<P, C, X>)[] = options.by ?? ['params', 'carry'];
  const foreign = by.find((name) => !Object.hasOwn(blockName, name));
  if (foreign !== undefined || by.length === 0) {
    throw new ArgumentError(
      `cellJacobian: \`by\` names ${foreign === undefined ? 'nothing' : `"${foreign}"`}; wanted one or more of ` +
        `${Object.keys(blockName).join(', ')}.`,
    );
  }
  /** The step of one row, which is seen without its batch axis. */
  const ofRow = ({ carryRow, inputRow }: { carryRow: C; inputRow: X }): unknown => {
    const at = { params, carry: carryRow, input: inputRow };
    const moving = Object.fromEntries(by.map((name) => [name, at[name]])) as Partial<typeof at>;
    const { value, pullback } = vjp((moved: typeof moving): StepResult<C, Y> => {
      const given = { ...at, ...moved };
      const after = cell.step(given.params, withBatchAxis(given.carry), withBatchAxis(given.input));
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
  const rows = rowsOf(carry, input);
  return scope(() =>
    rows === 1
      ? withBatchAxis(ofRow({ carryRow: withoutBatchAxis(carry), inputRow: withoutBatchAxis(input) }))
      : vmap(ofRow)({ carryRow: carry, inputRow: input }),
  ) as CellJacobian<P, C, X, Y, B>;
}

const blockName = { params: 'carryByParams', carry: 'carryByCarry', input: 'carryByInput' } as const;

function withBatchAxis<T>(row: T): T {
  return treeMap(row, (leaf) => reshape(leaf, [1, ...leaf.shape]));
}

function withoutBatchAxis<T>(batch: T): T {
  return treeMap(batch, (leaf) => reshape(leaf, leaf.shape.slice(1)));
}

function rowsOf(carry: unknown, input: unknown): number {
  const entries = treeEntries({ carry, input });
  const [path, first] = entries[0] ?? ['', null];
  const rows = first?.shape[0];
  const other = entries.find(([, leaf]) => leaf.shape[0] === undefined || leaf.shape[0] !== rows);
  if (first === null || other !== undefined) {
    throw new ShapeError(
      'cellJacobian: carry and input must be [batch, …] with one length of the batch, but ' +
        (other === undefined || first === null
          ? 'there is no tensor in them.'
          : `${path} is ${formatShape(first.shape)} and ${other[0]} ${formatShape(other[1].shape)}.`),
    );
  }
  return rows as number;
}
