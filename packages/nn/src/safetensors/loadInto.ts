import { fromArray, reshape, scope, treeEntries, treeFill } from '@tempograd/core';
import { checkOptions } from '@tempograd/core/backend';
import { loadTable, requireTensors, type LoadOptions } from './requireTensors.js';
import type { SafetensorsFile } from './StoredTensor.js';

/**
 * A tree like `params` with the values of a file, on the same backend and in the same dtypes: f64 values are rounded to an f32
 * parameter. `params` stays as it is and its caller's. With `strict: false`, what the file lacks has the value it has in `params`.
 * The result belongs to the caller's scope.
 * @throws SafetensorsError that lists every name that is missing, unexpected, or of another shape; then nothing was loaded.
 */
export function loadInto<T>(params: T, file: SafetensorsFile, options: LoadOptions = {}): T {
  checkOptions('loadInto', options, loadTable);
  const { prefix = '', strict = true } = options;
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
