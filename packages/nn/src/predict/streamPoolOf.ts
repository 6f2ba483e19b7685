import { treeLeaves, type FloatDType, type Tensor } from '@tempograd/core';
import { isNamed, type AnyInput } from '../model/ModelInput.js';
import type { AnySequenceModel, SequenceModelParams } from '../model/sequenceModel.js';
import { checkReads } from './checkModel.js';
import { namedInputs } from './namedInputs.js';
import { stepInputs, type Units } from './stepInputs.js';
import { StreamPool } from './StreamPool.js';

/** The streams of a model. @throws ArgumentError when it does not fit the vocabulary. */
export function streamPoolOf(
  of: string,
  model: AnySequenceModel,
  params: SequenceModelParams<AnyInput>,
  units: Units,
): StreamPool {
  checkReads(of, model, units.vocabulary);
  const { dtype, backend } = treeLeaves(params)[0] as Tensor;
  const like = { dtype: dtype as FloatDType, backend };
  const { input } = model.config;
  return new StreamPool(model, params, isNamed(input) ? namedInputs(input, like) : stepInputs(input, units, like));
}
