import { fromArray, reshape, scope, treeEntries, treeFill } from '@tempograd/core';
import { requireTensors, type LoadOptions } from './requireTensors.js';
import type { SafetensorsFile } from './StoredTensor.js';

/**
 * A tree like `params` with the values of a file; `params` stays as it is. With `strict: false`, what the file lacks has the value that
 * it has in `params`. The result belongs to the caller's scope.
 * @throws SafetensorsError that lists every name that is missing, unexpected, or of another shape; then nothing was made.
 */
export function storedValues<T>(params: T, file: SafetensorsFile, { prefix = '', strict = true }: LoadOptions): T {
  const entries = treeEntries(params);
  requireTensors(entries, file, { prefix, strict });
  return scope(() =>
    treeFill(
      params,
      entries.map(([path, parameter]) => {
        const found = file.tensors.get(prefix + path);
        const { dtype, backend, shape } = parameter;
        if (found === undefined) return reshape(parameter, shape);
        return fromArray(found.data, shape, { dtype, backend });
      }),
    ),
  );
}
