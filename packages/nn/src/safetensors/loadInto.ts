import { assign, scope, treeZip } from '@tempograd/core';
import { checkOptions } from '@tempograd/core/backend';
import { loadTable, type LoadOptions } from './requireTensors.js';
import { storedValues } from './storedValues.js';
import type { SafetensorsFile } from './StoredTensor.js';

/**
 * Gives parameters the values of a file, in place, and returns them: they stay on their backend and of their dtype, to which f64 values
 * are rounded. With `strict: false`, what the file lacks keeps its value.
 * @throws SafetensorsError that lists every name that is missing, unexpected, or of another shape; then nothing was changed.
 */
export function loadInto<T>(params: T, file: SafetensorsFile, options: LoadOptions = {}): T {
  checkOptions('loadInto', options, loadTable);
  scope(() => {
    treeZip(params, storedValues(params, file, options), (parameter, value) => {
      assign(parameter, value);
      return parameter;
    });
  });
  return params;
}
