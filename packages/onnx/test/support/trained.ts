import { foldIn, fromArray, key, treeMap, uniformValues } from '@tempograd/core';
import {
  sequenceModel,
  type ModelInput,
  type NamedInputs,
  type SequenceModel,
  type SequenceModelConfig,
  type SequenceModelParams,
} from '@tempograd/nn';

/** A model and its parameters. */
export interface Trained<I extends ModelInput | NamedInputs = ModelInput> {
  readonly model: SequenceModel<I>;
  readonly params: SequenceModelParams<I>;
}

/** A model whose every parameter is drawn anew, biases and carries too. */
export function trained<I extends ModelInput | NamedInputs = ModelInput>(config: SequenceModelConfig<I>): Trained<I> {
  const model = sequenceModel(config);
  let leaf = 0;
  const params = treeMap(model.init(key(1)), (x) => {
    const values = uniformValues(foldIn(key(1), leaf++), x.size);
    return fromArray(
      Float32Array.from(values, (value) => 2 * value - 1),
      x.shape,
    );
  });
  return { model, params };
}
