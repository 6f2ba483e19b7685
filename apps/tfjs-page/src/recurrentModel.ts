import { fromTfjs, toTfjs } from '@tempograd/backend-tfjs';
import { key, keep, scope, truncatedBptt, type Tensor } from '@tempograd/core';
import {
  adam,
  fit,
  sequenceModel,
  type DataSource,
  type SequenceModelParams,
  type SequenceStretch,
  type TrainingStep,
} from '@tempograd/nn';
import * as tf from '@tensorflow/tfjs-core';
import { period } from './signal.js';

const model = sequenceModel({ input: { features: 1 }, cell: 'gru', hidden: 20, outputs: 1 });

/** An update every two periods, whose gradients look four periods back. */
const strategy = truncatedBptt({ updateEvery: 2 * period, backwardSteps: 4 * period });

/** New parameters, which live until they are disposed of. */
export function newParams(): SequenceModelParams {
  return scope(() => keep(model.init(key(1))));
}

/** Trains on a signal that tfjs holds, `[steps, batch, 1]`: each value from all before it. */
export function train(params: SequenceModelParams, signal: tf.Tensor3D, updates: number): AsyncIterable<TrainingStep> {
  const data: DataSource<SequenceStretch> = {
    stretches: 1,
    async *open() {
      const [steps, batch] = signal.shape;
      const part = (begin: number): Tensor => {
        const theirs = tf.slice(signal, [begin, 0, 0], [steps - 1, batch, 1]);
        const ours = fromTfjs(theirs);
        theirs.dispose();
        return ours;
      };
      yield { stretch: { inputs: part(0), targets: part(1) }, ends: true };
    },
  };
  return fit({
    task: model,
    params,
    data,
    strategy,
    optimiser: adam({ learningRate: 0.05 }),
    clip: { norm: 1 },
    updates,
  });
}

/** The forecast of every next value, as a tfjs tensor `[steps, batch, 1]`. */
export function forecast(params: SequenceModelParams, signal: tf.Tensor3D): tf.Tensor {
  return scope(() => {
    const carry = model.initialCarry(params, signal.shape[1]);
    const { output } = model.forward(params, carry, { inputs: fromTfjs(signal) }, { from: 0, key: null });
    return toTfjs(model.logits(params, output));
  });
}
