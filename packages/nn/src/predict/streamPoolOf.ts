import { treeLeaves, type FloatDType, type Tensor } from '@tempograd/core';
import type { Scaler, Vocabulary } from '../data/index.js';
import type { SequenceModel, SequenceModelParams } from '../model/sequenceModel.js';
import { checkCausal } from './checkModel.js';
import { stepInputs } from './stepInputs.js';
import { StreamPool } from './StreamPool.js';

/** The streams of a model. @throws ArgumentError when it cannot be read step by step, or does not fit the vocabulary. */
export function streamPoolOf(
  of: string,
  model: SequenceModel,
  params: SequenceModelParams,
  units: { readonly vocabulary: Vocabulary | null; readonly scaler: Scaler | null },
): StreamPool {
  checkCausal(of, model, units.vocabulary);
  const { dtype, backend } = treeLeaves(params)[0] as Tensor;
  return new StreamPool(model, params, stepInputs(model.config, units, { dtype: dtype as FloatDType, backend }));
}
