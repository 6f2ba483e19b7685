import { describe } from '../describe.js';
import { isList } from '../isList.js';
import { DataError } from '../DataError.js';
import type { SequenceValues } from './SequenceItem.js';

/** Numbers to copy into a tensor, those of one sequence: item or class numbers, or rows of `width` numbers. */
export interface Column {
  readonly integers: boolean;
  readonly width: number;
  readonly values: SequenceValues;
  /** The step in `values` that is step 0. */
  readonly offset: number;
}

/** A sequence that has been looked through. */
export interface ReadSequence {
  /** Steps. */
  readonly length: number;
  readonly inputs: readonly Column[];
  /** A column as long as the sequence, or one row at its end. */
  readonly targets: Column;
}

/** What the sequences of a source have in common; the first one decides. */
export interface Layout {
  /** Names of several inputs; null for one that has none. */
  readonly names: readonly string[] | null;
  readonly inputs: readonly Pick<Column, 'integers' | 'width'>[];
  readonly targets: Pick<Column, 'integers' | 'width'>;
  readonly at: 'steps' | 'end';
}

/** What the options say of targets. */
export interface TargetOptions {
  readonly targets?: 'classes' | 'numbers';
  readonly targetsAt?: 'steps' | 'end';
  readonly classes?: number;
}

/** Looks through sequence `index` of a source: every number in it is one that can be trained on, or an error says which is not. */
export function readSequence(
  item: unknown,
  index: number,
  options: TargetOptions,
): { readonly sequence: ReadSequence; readonly layout: Layout } {
  const where = `sequences: sequence ${index}`;
  const { inputs: given, targets: label } = isList(item) ? { inputs: item } : labelled(where, item);
  const several = isList(given) ? null : namedInputs(where, given);
  // Records that were read from a file may have their names in any order.
  const names = several === null ? null : Object.keys(several).sort();
  const inputs = names?.map((name) => inputColumn(`${where}, input ${JSON.stringify(name)}`, several?.[name])) ?? [
    inputColumn(where, given),
  ];
  const length = (inputs[0] as Column).values.length;
  for (const [at, { values }] of inputs.entries()) {
    if (values.length === length) continue;
    throw new DataError(
      `${where} has ${length} steps of ${JSON.stringify(names?.[0])}, but ${values.length} of ${JSON.stringify(names?.[at])}; ` +
        'inputs of a sequence must have the same steps.',
    );
  }
  if (length === 0) throw new DataError(`${where} has no steps; leave empty sequences out.`);
  const shapeOf = ({ integers, width }: Column): Pick<Column, 'integers' | 'width'> => ({ integers, width });
  if (label === undefined) {
    const next = nextSteps(where, inputs[0] as Column, options);
    const sequence = { length: length - 1, inputs, targets: next };
    return { sequence, layout: { names, inputs: inputs.map(shapeOf), targets: shapeOf(next), at: 'steps' } };
  }
  const { column: targets, at } = targetColumn(where, label, length, options);
  return {
    sequence: { length, inputs, targets },
    layout: { names, inputs: inputs.map(shapeOf), targets: shapeOf(targets), at },
  };
}

/** What a source of another layout than its first sequence's is told. */
export function requireSameLayout(index: number, layout: Layout, first: Layout): void {
  const words = (of: Layout): string => {
    const input = (at: number): string => {
      const { integers, width } = of.inputs[at] as Layout['inputs'][number];
      return integers ? 'item numbers' : `rows of ${width} features`;
    };
    const inputs = of.names === null ? input(0) : of.names.map((name, at) => `${name}: ${input(at)}`).join(', ');
    const { integers, width } = of.targets;
    const target = integers ? 'a class' : `${width} ${width === 1 ? 'number' : 'numbers'}`;
    return `inputs { ${inputs} } and ${target} ${of.at === 'end' ? 'at its end' : 'at each step'}`;
  };
  const [given, wanted] = [words(layout), words(first)];
  if (given === wanted) return;
  throw new DataError(`sequences: sequence ${index} has ${given}, but sequence 0 has ${wanted}; all must be alike.`);
}

function labelled(where: string, item: unknown): { readonly inputs: unknown; readonly targets: unknown } {
  const object = typeof item === 'object' && item !== null;
  if (object && 'inputs' in item && 'targets' in item && item.targets !== undefined)
    return { inputs: item.inputs, targets: item.targets };
  throw new DataError(
    `${where} must be { inputs, targets } or a list of numbers, but is ${
      object ? `{ ${Object.keys(item).join(', ')} }` : describe(item)
    }.`,
  );
}

function isFloats(values: unknown): boolean {
  return values instanceof Float32Array || values instanceof Float64Array;
}

function namedInputs(where: string, given: unknown): Readonly<Record<string, unknown>> {
  const plain = typeof given === 'object' && given !== null && Object.keys(given).length > 0;
  if (plain && !('length' in given)) return given as Readonly<Record<string, unknown>>;
  throw new DataError(
    `${where}: its inputs must be item numbers, rows of features, or a record of these, but are ${describe(given)}.`,
  );
}

function inputColumn(where: string, values: unknown): Column {
  if (!isList(values))
    throw new DataError(`${where} must be a list of item numbers or of rows of features, but is ${describe(values)}.`);
  const first = values[0];
  if (isList(first) || isFloats(values)) return rowsColumn(where, values as SequenceValues);
  for (let step = 0; step < values.length; step++) {
    const value = values[step];
    if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31) continue;
    throw new DataError(
      `${where}, step ${step} is ${describe(value)}, which is no item number: in a plain list, numbers are those of items of a ` +
        'vocabulary. Give features as rows, [[0.5], …], or in a Float64Array.',
    );
  }
  return { integers: true, width: 1, values: values as ArrayLike<number>, offset: 0 };
}

function rowsColumn(where: string, values: SequenceValues, oneRow = false): Column {
  const flat = isFloats(values);
  const width = flat ? 1 : ((values[0] as ArrayLike<number> | undefined)?.length ?? 0);
  for (let step = 0; step < values.length; step++) {
    const row = flat ? null : (values[step] as ArrayLike<number>);
    if (row !== null && (!isList(row) || row.length !== width || width === 0)) {
      throw new DataError(
        `${where}, step ${step} has ${isList(row) ? `${row.length} numbers` : describe(row)}, but step 0 has ${width}; ` +
          'every step must have the same, and one at least.',
      );
    }
    for (let at = 0; at < width; at++) {
      const value = row === null ? values[step] : row[at];
      if (Number.isFinite(value)) continue;
      throw new DataError(
        `${where}${oneRow ? '' : `, step ${step}`}${width === 1 ? '' : `, number ${at}`} is ${describe(value)}; it must be a finite number. ` +
          'Fill missing values, or leave the sequence out.',
      );
    }
  }
  return { integers: false, width, values, offset: 0 };
}

function nextSteps(where: string, input: Column, { targets, targetsAt, classes = Infinity }: TargetOptions): Column {
  if (targets !== undefined || targetsAt !== undefined) {
    throw new DataError(
      `${where} has no targets, but options speak of them: give { inputs, targets }. Those of a bare list are its own next steps.`,
    );
  }
  if (input.values.length < 2)
    throw new DataError(`${where} has one step and no targets: there is no next step to predict. Leave it out.`);
  for (let step = 0; input.integers && step < input.values.length; step++) {
    if ((input.values[step] as number) < classes) continue;
    throw new DataError(
      `${where}, step ${step}: the item ${describe(input.values[step])} is no class: there are ${classes}, numbered from 0 to ${classes - 1}.`,
    );
  }
  return { ...input, offset: 1 };
}

function targetColumn(
  where: string,
  label: unknown,
  length: number,
  options: TargetOptions,
): { readonly column: Column; readonly at: 'steps' | 'end' } {
  const place = `${where}: its target`;
  if (typeof label !== 'number' && !isList(label)) {
    const advice = typeof label === 'string' ? '; number the classes, names.indexOf(label) for example' : '';
    throw new DataError(
      `${place} must be a number, or a list with one for each step, but is ${describe(label)}${advice}.`,
    );
  }
  const at = options.targetsAt ?? (typeof label === 'number' ? 'end' : 'steps');
  if (at === 'steps' && typeof label === 'number')
    throw new DataError(`${place} is one number, but targetsAt: 'steps' wants a list with one for each step.`);
  const rows = isList(label) && (isList(label[0]) || isFloats(label));
  const vector = at === 'end' && isList(label);
  const kind =
    options.classes !== undefined ? 'classes' : (options.targets ?? (rows || vector ? 'numbers' : 'classes'));
  if (vector && isList(label[0]))
    throw new DataError(`${place} has rows, but with targetsAt: 'end' it must be a number or one list of numbers.`);
  if (kind === 'classes' && (rows || vector))
    throw new DataError(
      `${place} must be a class number${at === 'end' ? '' : ' for each step'}, but is ${describe(label)}.`,
    );
  if (at === 'steps' && (label as ArrayLike<unknown>).length !== length) {
    throw new DataError(
      `${where} has ${length} steps, but ${(label as ArrayLike<unknown>).length} targets; give one for each step` +
        (isList((label as ArrayLike<unknown>)[0])
          ? '.'
          : ", or targetsAt: 'end' where they are the numbers of one label."),
    );
  }
  if (kind === 'classes')
    return { column: classColumn(where, label as number | ArrayLike<number>, at, options.classes), at };
  const values = (at === 'end' ? [isList(label) ? label : [label]] : label) as SequenceValues;
  const asRows = isList(values[0]) || isFloats(values) ? values : Float64Array.from(values as ArrayLike<number>);
  return { column: rowsColumn(`${where}, target`, asRows, at === 'end'), at };
}

function classColumn(
  where: string,
  label: number | ArrayLike<number>,
  at: 'steps' | 'end',
  classes: number | undefined,
): Column {
  const values = typeof label === 'number' ? [label] : label;
  for (let step = 0; step < values.length; step++) {
    const value = values[step] as number;
    const place = `${where}${at === 'end' ? '' : `, step ${step}`}: the target ${describe(value)}`;
    if (Number.isInteger(value) && value >= -(2 ** 31) && value < (classes ?? 2 ** 31)) continue;
    if (Number.isInteger(value) && classes !== undefined)
      throw new DataError(`${place} is no class: there are ${classes}, numbered from 0 to ${classes - 1}.`);
    throw new DataError(`${place} is no class number; for numbers to predict, give the option targets: 'numbers'.`);
  }
  return { integers: true, width: 1, values, offset: 0 };
}
