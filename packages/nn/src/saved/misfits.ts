import { itemsOf } from '../model/ModelInput.js';
import type { AnySequenceModel } from '../model/sequenceModel.js';
import { scalerMisfit } from '../predict/targetScaling.js';
import type { StoredTensor } from '../safetensors/index.js';
import { shown } from '../safetensors/parseJson.js';
import type { SavedModel } from './SavedModel.js';

/** Why a vocabulary or a scaler is not the model's; null where both are. */
export function misfitOf(
  { config }: AnySequenceModel,
  { vocabulary, scaler, targets }: Pick<SavedModel, 'vocabulary' | 'scaler' | 'targets'>,
): string | null {
  if (targets !== undefined && scaler === undefined)
    return 'targets are channels of a scaler, but there is none. Leave them out, or give the scaler.';
  if (scaler !== undefined) {
    const misfit = scalerMisfit(scaler, targets, config);
    if (misfit !== null) return misfit;
  }
  if (vocabulary === undefined) return null;
  const { input, outputs } = config;
  const read = itemsOf(input);
  const items = read ?? outputs;
  if (items === vocabulary.size) return null;
  return (
    `the model ${read === null ? 'predicts' : 'reads'} ${items} items, but the vocabulary has ${vocabulary.size}. ` +
    'The vocabulary is the one that the model was trained with.'
  );
}

/** Says which tensor holds NaN or infinity; null where none does. */
export function firstNotFinite(tensors: ReadonlyMap<string, StoredTensor>): string | null {
  for (const [name, { data }] of tensors) {
    const index = data.findIndex((value: number) => !Number.isFinite(value));
    if (index >= 0) return `${shown(name)} holds ${data[index]} at index ${index}`;
  }
  return null;
}
