import { ArgumentError, fromArray, type Backend, type Tensor } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';

const maskTable = optionTable<{ readonly backend?: Backend }>({ backend: 'backend' });

/**
 * The mask of a batch of sequences of different lengths, i32 `[time, batch]`: 1 in the first `lengths[b]` steps of row b, then 0.
 * Belongs to the caller's scope.
 * @throws ArgumentError when a length is not a whole number from 0 to `time`.
 */
export function lengthsToMask(
  lengths: ArrayLike<number>,
  time: number,
  options: { readonly backend?: Backend } = {},
): Tensor {
  checkOptions('lengthsToMask', options, maskTable);
  const batch = lengths.length;
  const values = new Int32Array(time * batch);
  for (let row = 0; row < batch; row++) {
    const length = lengths[row] as number;
    if (!Number.isInteger(length) || length < 0 || length > time) {
      throw new ArgumentError(
        `lengthsToMask: length ${length} of row ${row} is not a whole number from 0 to time ${time}.`,
      );
    }
    for (let step = 0; step < length; step++) values[step * batch + row] = 1;
  }
  return fromArray(values, [time, batch], { ...options, dtype: 'i32' });
}
