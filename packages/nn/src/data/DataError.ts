import { TempogradError } from '@tempograd/core';

/** Data cannot be trained on as it is: too short, empty, not decodable, or with items the vocabulary does not have. */
export class DataError extends TempogradError {
  override name = 'DataError';
}
