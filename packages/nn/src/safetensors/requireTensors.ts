import { checkOptions, formatShape, isFloat, optionTable, sameShape, type OptionTable } from '@tempograd/core/backend';
import { shown } from './parseJson.js';
import { SafetensorsError } from './SafetensorsError.js';
import type { SafetensorsFile, TensorSpec } from './StoredTensor.js';

/** How names in the file and those that are wanted are matched. */
export interface LoadOptions {
  /** What precedes the wanted names in the file, such as `rnn.`; names without it are not looked at. Default is none. */
  readonly prefix?: string;
  /** Whether every parameter must be in the file, and every name of the file among the parameters; default is true. */
  readonly strict?: boolean;
}

/** Kinds of `LoadOptions`. */
export const loadTable: OptionTable = optionTable<LoadOptions>({ prefix: 'string', strict: 'boolean' });

/** Most names of one kind in a message. */
const mostNames = 20;

/**
 * Refuses a file that lacks a wanted tensor, has one that is not wanted, or has one of another shape, or of integers where floats
 * are wanted. Nothing is made for it: what is wanted may be far larger than memory, such as the `parameters()` of a model whose
 * settings come from the same file, and is looked at only until it is clear that the file does not have it.
 * @throws SafetensorsError that lists every name that is missing, unexpected, or of another shape or type.
 */
export function requireTensors(
  wanted: Iterable<readonly [name: string, tensor: TensorSpec]>,
  file: SafetensorsFile,
  options: LoadOptions = {},
): void {
  checkOptions('requireTensors', options, loadTable);
  const misfit = tensorMisfit(wanted, file, options);
  if (misfit === null) return;
  const remedy =
    options.strict === false
      ? 'Make the model with the settings it was saved with.'
      : 'Make the model with the settings it was saved with, name a prefix, or pass strict: false.';
  throw new SafetensorsError(`${misfit} ${remedy}`);
}

/** What `requireTensors` refuses a file for, in a sentence; null for nothing. */
export function tensorMisfit(
  wanted: Iterable<readonly [name: string, tensor: TensorSpec]>,
  { tensors }: SafetensorsFile,
  { prefix = '', strict = true }: LoadOptions,
): string | null {
  const names = new Set<string>();
  const missing: string[] = [];
  const misfits: string[] = [];
  for (const [path, tensor] of wanted) {
    const name = prefix + path;
    const found = tensors.get(name);
    names.add(name);
    if (found === undefined) missing.push(name);
    else if (!fits(found, tensor)) misfits.push(`${name} is ${describe(found)} in the file, ${describe(tensor)} here`);
    // So many names are more than the file has, whatever comes after them.
    if (strict && missing.length > mostNames) break;
  }
  const unexpected = [...tensors.keys()].filter((name) => name.startsWith(prefix) && !names.has(name));
  const problems = [
    ...(strict ? list('missing in the file', missing) : []),
    ...(strict ? list('in the file but not among the parameters', unexpected.map(unquoted)) : []),
    ...list('of another shape or type', misfits),
  ];
  return problems.length === 0 ? null : `The file does not fit the parameters: ${problems.join('; ')}.`;
}

function fits(found: TensorSpec, wanted: TensorSpec): boolean {
  return sameShape(found.shape, wanted.shape) && isFloat(found.dtype) === isFloat(wanted.dtype);
}

function describe({ dtype, shape }: TensorSpec): string {
  return `${dtype}${formatShape(shape)}`;
}

/** A name from a file, which may be anything. */
function unquoted(name: string): string {
  return shown(name).slice(1, -1);
}

function list(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > mostNames ? ' and more' : '';
  return [`${what}: ${names.slice(0, mostNames).join(', ')}${more}`];
}
