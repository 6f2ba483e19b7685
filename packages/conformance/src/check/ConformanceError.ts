import { TempogradError } from '@tempograd/core';

/** A backend gave something else than the contract says. The message says what was expected, what came, and how to see it again. */
export class ConformanceError extends TempogradError {
  override name = 'ConformanceError';
}
