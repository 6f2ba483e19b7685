import { key, scope } from '@tempograd/core';
import { loadInto, requireTensors, SafetensorsError, type SafetensorsFile } from '../safetensors/index.js';
import type { OwnCell } from '../layers/index.js';
import { messageOf } from '../messageOf.js';
import type { AnyInput, ModelInput } from './ModelInput.js';
import { sequenceModel, type AnySequenceModel, type SequenceModel } from './sequenceModel.js';
import type { SequenceModelParams } from './SequenceStretch.js';
import { storedConfig } from './storedConfig.js';

/** What a file does not hold. */
export interface StoredModelOptions {
  /** Cells of one's own, one of which the configuration may name. */
  readonly cells?: readonly OwnCell[];
}

/**
 * The model in a file: made from the `config` in its metadata, `JSON.stringify(model.config)`, with the parameters that are its
 * tensors, on the selected backend. Nothing of what the configuration says is made before the tensors agree with it. The
 * parameters belong to the caller's scope.
 * Its type is that of a model of one input, unless `I` says which inputs it has by name.
 * @throws SafetensorsError when there is no configuration, it makes no sense, or the tensors are not those of its model.
 */
export function storedModel<I extends AnyInput = ModelInput>(
  file: SafetensorsFile,
  options: StoredModelOptions = {},
): {
  readonly model: SequenceModel<I>;
  readonly params: SequenceModelParams<I>;
} {
  const model = modelOf(file, options.cells ?? []) as SequenceModel<I>;
  try {
    requireTensors(model.parameters(), file);
  } catch (cause) {
    const { input, cell, hidden, layers, outputs } = model.config;
    const config = JSON.stringify({ input, cell, hidden, layers, outputs });
    throw new SafetensorsError(`The file does not match its own configuration, ${config}. ${messageOf(cause)}`, {
      cause,
    });
  }
  return { model, params: scope(() => loadInto(model.init(key(0)), file)) };
}

function modelOf({ metadata: { config } }: SafetensorsFile, cells: readonly OwnCell[]): AnySequenceModel {
  if (config === undefined) {
    throw new SafetensorsError(
      'The file\'s metadata have no "config". Make the model with its settings, and load it with loadInto(model.init(key(0)), file).',
    );
  }
  try {
    return sequenceModel(storedConfig(config, cells));
  } catch (cause) {
    throw new SafetensorsError(`The file's configuration cannot be used: ${messageOf(cause)}`, { cause });
  }
}
