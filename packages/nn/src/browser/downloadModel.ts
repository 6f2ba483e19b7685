import { ArgumentError } from '@tempograd/core';
import type { AnyInput, ModelInput } from '../model/ModelInput.js';
import type { SavedModel } from '../saved/index.js';
import { modelBytes } from '../saved/writeModel.js';

/** Milliseconds after which the browser has surely begun to copy what it downloads. */
const patience = 60_000;

/**
 * Hands a model to the user as a file: the browser saves or asks where, as with any download. The name gets `.safetensors` where it
 * has no ending. `loadModel` reads the file again, here or in Node.
 * @throws ArgumentError as `writeModel`, and where there is no page to download from, as in a worker.
 */
export async function downloadModel<I extends AnyInput = ModelInput>(
  name: string,
  saved: SavedModel<I>,
): Promise<void> {
  if (typeof document === 'undefined') {
    throw new ArgumentError(
      'downloadModel: there is no page here. In a worker make the bytes, await writeModel(saved), and post them to the page.',
    );
  }
  const bytes = await modelBytes('downloadModel', saved);
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = /\.\w+$/.test(name) ? name : `${name}.safetensors`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), patience);
}
