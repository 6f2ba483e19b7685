import { foldIn, fromArray, key, treeMap, uniformValues } from '@tempograd/core';
import { sequenceModel, type SequenceModel, type SequenceModelConfig, type SequenceModelParams } from '@tempograd/nn';

/** A model and its parameters. */
export interface Trained {
  readonly model: SequenceModel;
  readonly params: SequenceModelParams;
}

/** A model whose every parameter is drawn anew, biases and carries too. */
export function trained(config: SequenceModelConfig): Trained {
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
