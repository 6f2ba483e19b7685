import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { vocabularyKind } from '../data/Vocabulary.js';
import type { AnyInput, ModelInput } from '../model/ModelInput.js';
import { scalerKind } from '../predict/predictor.js';
import { unsaidTargets } from '../predict/targetScaling.js';
import { readTree, writeSafetensors } from '../safetensors/index.js';
import { firstNotFinite, misfitOf } from './misfits.js';
import { format, names, type SavedModel } from './SavedModel.js';

const modelTable = optionTable<SavedModel>({
  model: required({ wanted: 'a model, as sequenceModel() makes it', members: ['config', 'init', 'forward'] }),
  params: required('tree'),
  vocabulary: vocabularyKind,
  scaler: scalerKind,
  targets: 'string or array',
  metrics: 'object',
  metadata: 'object',
});

/**
 * The bytes of one safetensors file with a model: parameters under PyTorch's names, configuration, vocabulary, scaler, metrics and metadata.
 * `readModel` makes the model of it again. `saveModel` of `@tempograd/nn/node` writes it to a path.
 * @throws ArgumentError when the parts do not fit one another, parameters are NaN or infinite, or metadata have a name that is taken.
 */
export function writeModel<I extends AnyInput = ModelInput>(saved: SavedModel<I>): Promise<Uint8Array> {
  return modelBytes('writeModel', saved);
}

/** As `writeModel`, for a function of another name. */
export async function modelBytes(of: string, saved: SavedModel<AnyInput>): Promise<Uint8Array> {
  checkOptions(of, saved, modelTable);
  const { model, params, vocabulary, scaler, targets, metrics, metadata = {} } = saved;
  // Read is a file that leaves targets unsaid all the same: `predictor` asks for them, and the file can be written anew with them.
  const misfit = misfitOf(model, saved) ?? unsaidTargets(scaler ?? null, targets, model.config);
  if (misfit !== null) throw new ArgumentError(`${of}: ${misfit}`);
  for (const name of Object.keys(metadata)) {
    if (Object.values<string>(names).includes(name) || name.startsWith('tempograd.'))
      throw new ArgumentError(
        `${of}: the metadata cannot have the name ${JSON.stringify(name)}, which the file needs itself.`,
      );
  }
  const tensors = await readTree(params);
  const spoilt = firstNotFinite(tensors);
  if (spoilt !== null) {
    throw new ArgumentError(
      `${of}: ${spoilt}, so that the model is of no use any more: its training has diverged. Save what it was before, or train it again with a lower learning rate.`,
    );
  }
  return writeSafetensors(tensors, {
    ...metadata,
    [names.format]: format,
    [names.config]: JSON.stringify(model.config),
    ...(vocabulary === undefined ? {} : { [names.vocabulary]: JSON.stringify(vocabulary.toJSON()) }),
    ...(scaler === undefined ? {} : { [names.scaler]: JSON.stringify(scaler.toJSON()) }),
    ...(targets === undefined ? {} : { [names.targets]: JSON.stringify(targets) }),
    ...(metrics === undefined ? {} : { [names.metrics]: JSON.stringify(metrics, plainLists) }),
  });
}

/** Typed arrays as lists, which JSON would make objects of. */
function plainLists(_: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float64Array) : value;
}
