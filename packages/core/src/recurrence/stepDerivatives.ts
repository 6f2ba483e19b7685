import { ArgumentError, checkOptions, formatShape, optionTable, ShapeError } from '../backend/index.js';
import type { Key } from '../random/index.js';
import { treeEntries } from '../tensor/tree.js';

/** What a step's carry is differentiated by. */
export type StepArgument = 'params' | 'carry' | 'input';

/** What to differentiate a step by. */
export interface StepDerivativeOptions<B extends StepArgument = StepArgument> {
  /** One or more of params, carry and input; default is the first two. */
  readonly by?: readonly B[];
  /** Names the random numbers of the run, for steps that draw some; default is null: nothing is random. */
  readonly key?: Key | null;
  /** The step's place in its sequence; default is 0. */
  readonly time?: number;
}

const table = optionTable<StepDerivativeOptions>({
  by: 'array',
  key: 'key or null',
  time: 'number',
});

/** What the derivatives by each argument are called. */
export const blockName = { params: 'carryByParams', carry: 'carryByCarry', input: 'carryByInput' } as const;

/** The arguments to differentiate by. @throws ArgumentError for others, and for none. */
export function namesOf(of: string, options: StepDerivativeOptions): readonly StepArgument[] {
  checkOptions(of, options, table);
  const { by = ['params', 'carry'] } = options;
  const foreign = by.find((name) => !Object.hasOwn(blockName, name));
  if (foreign !== undefined || by.length === 0) {
    throw new ArgumentError(
      `${of}: \`by\` names ${foreign === undefined ? 'nothing' : `"${foreign}"`}; wanted one or more of ${Object.keys(blockName).join(', ')}.`,
    );
  }
  return by;
}

/** Rows of the batch. @throws ShapeError unless all leaves of carry and input are `[rows, …]`. */
export function rowsOf(of: string, carry: unknown, input: unknown): number {
  const entries = treeEntries({ carry, input });
  const [path, first] = entries[0] ?? ['', null];
  const rows = first?.shape[0];
  const other = entries.find(([, leaf]) => leaf.shape[0] === undefined || leaf.shape[0] !== rows);
  if (first === null || other !== undefined) {
    throw new ShapeError(
      `${of}: carry and input must be [batch, …] with one length of the batch, but ` +
        (other === undefined || first === null
          ? 'there is no tensor in them.'
          : `${path} is ${formatShape(first.shape)} and ${other[0]} ${formatShape(other[1].shape)}.`),
    );
  }
  return rows as number;
}
