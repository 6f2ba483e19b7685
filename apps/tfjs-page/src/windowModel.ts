import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential, type Sequential } from '@tensorflow/tfjs-layers';

/** How many values the model sees. */
export const width = 4;

/** The model that the page had before: the next value from the last four. */
export function windowModel(): Sequential {
  const model = sequential({
    layers: [layers.dense({ units: 16, activation: 'relu', inputShape: [width] }), layers.dense({ units: 1 })],
  });
  model.compile({ optimizer: tf.train.adam(0.02), loss: 'meanSquaredError' });
  return model;
}

/** Every window of the first row of a signal, `[steps − width, width]`, and what follows it, `[steps − width, 1]`. */
export function windows(signal: tf.Tensor3D): { inputs: tf.Tensor2D; targets: tf.Tensor2D } {
  const steps = signal.shape[0];
  return tf.tidy(() => {
    const row = tf.reshape(tf.slice(signal, [0, 0, 0], [steps, 1, 1]), [steps]);
    const shifted = Array.from({ length: width }, (_, lag) => tf.slice(row, lag, steps - width));
    return {
      inputs: tf.stack(shifted, 1) as tf.Tensor2D,
      targets: tf.reshape(tf.slice(row, width, steps - width), [steps - width, 1]),
    };
  });
}
