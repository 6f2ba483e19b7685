import * as tf from '@tensorflow/tfjs-core';

export const period = 8;

/** A pulse of two steps in every period, `[steps, batch, 1]`; each row starts at another place. */
export function pulses(steps: number, batch: number): tf.Tensor3D {
  const values = Float32Array.from({ length: steps * batch }, (_, at) => {
    const [time, row] = [Math.floor(at / batch), at % batch];
    const phase = (time + row * 3) % period;
    return phase === 0 ? 1 : phase === 1 ? 0.5 : 0;
  });
  return tf.tensor3d(values, [steps, batch, 1]);
}
