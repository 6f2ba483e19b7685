import { ArgumentError } from '@tempograd/core';
import { checkOptions } from '@tempograd/core/backend';
import { DataError } from '../data/index.js';
import type { AnyInput, ModelInput } from '../model/ModelInput.js';
import { SafetensorsError } from '../safetensors/index.js';
import { readModel, type LoadedModel, type ReadModelOptions } from '../saved/index.js';
import { readModelTable } from '../saved/readModel.js';

/** Where a model comes from: a file that was dropped or chosen, an address, or bytes. */
export type ModelSource = Blob | string | URL | ArrayBuffer | Uint8Array;

/**
 * The model in a file that `saveModel` or `downloadModel` wrote, ready to use; its parameters are on the selected backend. An
 * address is fetched.
 * @throws SafetensorsError when the file is damaged, is something else, or does not match itself; DataError when it cannot be fetched.
 */
export async function loadModel<I extends AnyInput = ModelInput>(
  source: ModelSource,
  options: ReadModelOptions = {},
): Promise<LoadedModel<I>> {
  checkOptions('loadModel', options, readModelTable);
  const name = nameOf(source);
  const bytes = await bytesOf(source);
  try {
    return readModel<I>(bytes, options);
  } catch (cause) {
    if (name !== null && cause instanceof SafetensorsError)
      throw new SafetensorsError(`${name}: ${cause.message}`, { cause });
    throw cause;
  }
}

async function bytesOf(source: ModelSource): Promise<Uint8Array> {
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Uint8Array) return source;
  if (typeof source === 'string' || source instanceof URL) return fetched(source);
  throw new ArgumentError('loadModel: a file, an address or bytes are wanted: loadModel(input.files[0]).');
}

async function fetched(address: string | URL): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(address);
  } catch (cause) {
    throw new DataError(`${String(address)} cannot be fetched: ${String(cause)}.`, { cause });
  }
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  throw new DataError(
    `${String(address)} cannot be fetched: the server answered ${response.status} ${response.statusText}.`,
  );
}

function nameOf(source: ModelSource): string | null {
  if (typeof File !== 'undefined' && source instanceof File) return source.name;
  return typeof source === 'string' || source instanceof URL ? String(source) : null;
}
