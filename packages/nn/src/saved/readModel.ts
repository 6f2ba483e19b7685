import { disposeTree } from '@tempograd/core';
import { checkOptions, optionTable, type OptionTable } from '@tempograd/core/backend';
import { scalerFromJson, vocabularyFromJson, type Tokenizer, type VocabularyJson } from '../data/index.js';
import type { OwnCell } from '../layers/index.js';
import { messageOf } from '../messageOf.js';
import type { AnyInput, ModelInput } from '../model/ModelInput.js';
import { storedModel } from '../model/storedModel.js';
import type { Targets } from '../predict/index.js';
import { readSafetensors, SafetensorsError, type ReadOptions, type SafetensorsFile } from '../safetensors/index.js';
import { parseJson, shown } from '../safetensors/parseJson.js';
import { firstNotFinite, misfitOf } from './misfits.js';
import { knownFormats, names, type SavedModel } from './SavedModel.js';

/** How to read a model. */
export interface ReadModelOptions extends ReadOptions {
  /** The tokenizer of a vocabulary of tokens, which no file holds. */
  readonly tokenizer?: Tokenizer;
  /** Cells of one's own, one of which the model may be made of; no file holds them either. */
  readonly cells?: readonly OwnCell[];
}

/** Kinds of `ReadModelOptions`. */
export const readModelTable: OptionTable = optionTable<ReadModelOptions>({
  verify: 'boolean',
  cells: 'array',
  tokenizer: { wanted: 'a tokenizer, { name, size, encode, decode }', members: ['name', 'size', 'encode', 'decode'] },
});

/** A model as it was read; its parameters are on the selected backend, and belong to the caller's scope. */
export interface LoadedModel<I extends AnyInput = ModelInput> extends SavedModel<I> {
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Deepest nesting of JSON in the metadata. */
const deepest = 20;

/**
 * The model in a file that `writeModel` made, by its bytes or as `readSafetensors` gives it. Nothing of what its configuration says
 * is made before its tensors agree. With `verify: false` a checksum that does not match, and parameters that are NaN, are let pass.
 * @throws SafetensorsError when the file is damaged, is something else, or does not match itself.
 */
export function readModel<I extends AnyInput = ModelInput>(
  file: Uint8Array | SafetensorsFile,
  options: ReadModelOptions = {},
): LoadedModel<I> {
  checkOptions('readModel', options, readModelTable);
  const { tokenizer, cells = [], ...reading } = options;
  const stored = 'tensors' in file ? file : readSafetensors(file, reading);
  requireModel(stored);
  const { [names.format]: _format, [names.config]: _config, ...rest } = stored.metadata;
  const {
    vocabulary: vocabularyText,
    scaler: scalerText,
    targets: targetsText,
    metrics: metricsText,
    ...metadata
  } = rest;
  const parts = {
    vocabulary: part('vocabulary', vocabularyText, (json) =>
      vocabularyFromJson(json as VocabularyJson, tokenizer === undefined ? {} : { tokenizer }),
    ),
    scaler: part('scaler', scalerText, scalerFromJson),
    targets: part('targets', targetsText, targetsFromJson),
  };
  const metrics = part('metrics', metricsText, metricsFromJson) ?? {};
  const spoilt = reading.verify === false ? null : firstNotFinite(stored.tensors);
  if (spoilt !== null) {
    throw new SafetensorsError(
      `The model's parameters are spoilt: ${spoilt}. Its training had diverged. Take another copy, or read it all the same with { verify: false }.`,
    );
  }
  const { model, params } = storedModel<I>(stored, { cells });
  try {
    const misfit = misfitOf(model, parts);
    if (misfit !== null) throw new SafetensorsError(misfit);
    return { model, params, ...parts, metrics, metadata };
  } catch (cause) {
    disposeTree(params);
    throw new SafetensorsError(`The file does not match itself: ${messageOf(cause)}`, { cause });
  }
}

/** @throws SafetensorsError for a file that holds something else. */
function requireModel({ metadata }: SafetensorsFile): void {
  const { [names.format]: kind, [names.config]: config } = metadata;
  if ('tempograd.training' in metadata) {
    throw new SafetensorsError(
      'This is no model but a checkpoint of a training. Go on with it, fit({ …, resume }), and save the model at its end; or take its ' +
        'parameters: loadInto(params, checkpoint, { prefix: "params." }).',
    );
  }
  if (kind !== undefined && !knownFormats.includes(kind)) {
    throw new SafetensorsError(
      `This is a file of the kind ${shown(kind)}, and this @tempograd/nn reads ${knownFormats.join(', ')}. A newer one may have written it.`,
    );
  }
  if (config !== undefined) return;
  throw new SafetensorsError(
    'This safetensors file has tensors, but no model: its metadata have no "config". Make the model with its settings, and load ' +
      'them with loadInto(model.init(key(0)), file).',
  );
}

/** What a text in the metadata stands for; undefined where it is not there. */
function part<T>(name: string, text: string | undefined, make: (json: unknown) => T): T | undefined {
  if (text === undefined) return undefined;
  try {
    return make(parseJson(text, deepest));
  } catch (cause) {
    throw new SafetensorsError(`The model's ${name} cannot be read. ${messageOf(cause)}`, { cause });
  }
}

function targetsFromJson(json: unknown): Targets {
  const isTarget = (which: unknown): boolean => typeof which === 'string' || typeof which === 'number';
  if (typeof json === 'string' || (Array.isArray(json) && json.length > 0 && json.every(isTarget)))
    return json as Targets;
  throw new SafetensorsError('They must be names or numbers of channels.');
}

function metricsFromJson(json: unknown): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw new SafetensorsError('They must be an object.');
}
