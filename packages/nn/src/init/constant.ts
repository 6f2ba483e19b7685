import { sizeOf } from '@tempograd/core/backend';
import { fansOf, type Initialiser } from './Initialiser.js';

/** Every element `value`. */
export function constantInit(value: number): Initialiser {
  return (_key, shape) => new Float64Array(sizeOf(shape)).fill(value);
}

/** Every element 0. */
export function zeroInit(): Initialiser {
  return constantInit(0);
}

/**
 * `gain · I`, zeros beyond the diagonal of a matrix that is not square. With ReLU and zero biases a recurrence then starts by
 * keeping its state. Source: Le, Jaitly & Hinton 2015, "A simple way to initialize recurrent networks of rectified linear units".
 */
export function identityInit(gain = 1): Initialiser {
  return (_key, shape) => {
    const { fanIn, fanOut } = fansOf('identityInit', shape);
    const values = new Float64Array(sizeOf(shape));
    for (let index = 0; index < Math.min(fanIn, fanOut); index++) values[index * fanIn + index] = gain;
    return values;
  };
}
