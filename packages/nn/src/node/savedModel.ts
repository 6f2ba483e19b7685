import { ArgumentError } from '@tempograd/core';
import { checkOptions } from '@tempograd/core/backend';
import type { AnyInput, ModelInput } from '../model/ModelInput.js';
import { SafetensorsError } from '../safetensors/index.js';
import { readModel, type LoadedModel, type ReadModelOptions, type SavedModel } from '../saved/index.js';
import { readModelTable } from '../saved/readModel.js';
import { modelBytes } from '../saved/writeModel.js';
import { readSafetensorsFile } from './safetensorsFile.js';
import { writeWhole } from './writeWhole.js';

/**
 * Writes a model as one safetensors file, whole or not at all: parameters, configuration, vocabulary, scaler, metrics and metadata.
 * @throws ArgumentError as `writeModel`; the system's error where the file cannot be written.
 */
export async function saveModel<I extends AnyInput = ModelInput>(
  path: string | URL,
  saved: SavedModel<I>,
): Promise<void> {
  await writeWhole(path, await modelBytes('saveModel', saved));
}

/**
 * The model in a file that `saveModel` wrote, ready to use; its parameters are on the selected backend.
 * @throws SafetensorsError naming the file when it is damaged, is something else, or does not match itself; the system's error when it is not there.
 */
export async function loadModel<I extends AnyInput = ModelInput>(
  path: string | URL,
  options: ReadModelOptions = {},
): Promise<LoadedModel<I>> {
  if (ArrayBuffer.isView(path))
    throw new ArgumentError(
      'loadModel: the path of a file is wanted, but bytes were given; readModel(bytes) reads them.',
    );
  checkOptions('loadModel', options, readModelTable);
  const { verify } = options;
  const file = await readSafetensorsFile(path, verify === undefined ? {} : { verify });
  try {
    return readModel<I>(file, options);
  } catch (cause) {
    if (cause instanceof SafetensorsError) throw new SafetensorsError(`${String(path)}: ${cause.message}`, { cause });
    throw cause;
  }
}
