import { fromArray, reshape, scope, treeEntries, treeFill, type Tensor } from '@tempograd/core';
import { formatShape, isFloat, sameShape } from '@tempograd/core/backend';
import { SafetensorsError } from './SafetensorsError.js';
import type { SafetensorsFile, StoredTensor } from './StoredTensor.js';

/** How names in the file and in the tree are matched. */
export interface LoadOptions {
  /** What precedes the tree's names in the file, such as `rnn.`; names without it are not looked at. Default is none. */
  readonly prefix?: string;
  /** Whether every parameter must be in the file, and every name of the file among the parameters; default is true. */
  readonly strict?: boolean;
}

/**
 * A tree like `params` with the values of a file, on the same backend and in the same dtypes: f64 values are rounded to an f32
 * parameter. `params` stays as it is and its caller's. With `strict: false`, what the file lacks has the value it has in `params`.
 * The result belongs to the caller's scope.
 * @throws SafetensorsError that lists every name that is missing, unexpected, or of another shape; then nothing was loaded.
 */
export function loadInto<T>(params: T, file: SafetensorsFile, { prefix = '', strict = true }: LoadOptions = {}): T {
  const entries = treeEntries(params);
  const stored = (path: string): StoredTensor | undefined => file.tensors.get(prefix + path);
  const wanted = new Set(entries.map(([path]) => prefix + path));
  const missing = entries.filter(([path]) => stored(path) === undefined).map(([path]) => prefix + path);
  const unexpected = [...file.tensors.keys()].filter((name) => name.startsWith(prefix) && !wanted.has(name));
  const misshaped = entries.flatMap(([path, parameter]) => describeMisfit(prefix + path, parameter, stored(path)));
  const problems = [
    ...(strict ? list('missing in the file', missing) : []),
    ...(strict ? list('in the file but not among the parameters', unexpected) : []),
    ...list('of another shape or type', misshaped),
  ];
  if (problems.length > 0) {
    const remedy = strict
      ? 'Make the model with the settings it was saved with, name a prefix, or pass strict: false.'
      : 'Make the model with the settings it was saved with.';
    throw new SafetensorsError(`The file does not fit the parameters: ${problems.join('; ')}. ${remedy}`);
  }
  return scope(() =>
    treeFill(
      params,
      entries.map(([path, parameter]) => {
        const found = stored(path);
        const { dtype, backend, shape } = parameter;
        return found === undefined ? reshape(parameter, shape) : fromArray(found.data, shape, { dtype, backend });
      }),
    ),
  );
}

function describeMisfit(name: string, parameter: Tensor, found: StoredTensor | undefined): string[] {
  if (found === undefined) return [];
  const fits = sameShape(found.shape, parameter.shape) && isFloat(found.dtype) === isFloat(parameter.dtype);
  if (fits) return [];
  return [
    `${name} is ${found.dtype}${formatShape(found.shape)} in the file, ${parameter.dtype}${formatShape(parameter.shape)} here`,
  ];
}

function list(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
}
