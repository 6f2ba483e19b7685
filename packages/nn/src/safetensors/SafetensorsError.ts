import { TempogradError } from '@tempograd/core';

/** A safetensors file is damaged or holds what cannot be read here, or its tensors do not fit the parameters; nothing was loaded. */
export class SafetensorsError extends TempogradError {
  override name = 'SafetensorsError';
}
