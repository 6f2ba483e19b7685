import { key, scope } from '@tempograd/core';
import { loadInto, requireTensors, SafetensorsError, type SafetensorsFile } from '../safetensors/index.js';
import { parseJson } from '../safetensors/parseJson.js';
import { configDepth, type SequenceModelConfig } from './config.js';
import { sequenceModel, type SequenceModel } from './sequenceModel.js';
import type { SequenceModelParams } from './SequenceStretch.js';

/**
 * The model in a file: made from the `config` in its metadata, `JSON.stringify(model.config)`, with the parameters that are its
 * tensors, on the selected backend. Nothing of what the configuration says is made before the tensors agree with it. The
 * parameters belong to the caller's scope.
 * @throws SafetensorsError when there is no configuration, it makes no sense, or the tensors are not those of its model.
 */
export function storedModel(file: SafetensorsFile): {
  readonly model: SequenceModel;
  readonly params: SequenceModelParams;
} {
  const model = modelOf(file);
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

function modelOf({ metadata: { config } }: SafetensorsFile): SequenceModel {
  if (config === undefined) {
    throw new SafetensorsError(
      'The file\'s metadata have no "config". Make the model with its settings, and load it with loadInto(model.init(key(0)), file).',
    );
  }
  try {
    return sequenceModel(parseJson(config, configDepth) as SequenceModelConfig);
  } catch (cause) {
    throw new SafetensorsError(`The file's configuration cannot be used: ${messageOf(cause)}`, { cause });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
