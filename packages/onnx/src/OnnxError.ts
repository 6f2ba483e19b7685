import { TempogradError } from '@tempograd/core';

/** An ONNX file is damaged, or holds what cannot be read here; nothing was loaded. */
export class OnnxError extends TempogradError {
  override name = 'OnnxError';
}
