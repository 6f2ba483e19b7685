import { ArgumentError, uniformValues } from '@tempograd/core';
import { sizeOf } from '@tempograd/core/backend';
import type { Initialiser } from './Initialiser.js';

/**
 * Forget-gate biases for memories up to `longest` steps: `b_f = log u`, `u ~ U(1, longest − 1)`, so that the gates' time
 * constants spread over that range. The input gate's bias is `−b_f`. Source: Tallec & Ollivier 2018, "Can recurrent neural
 * networks warp time?", equation 16.
 * @throws ArgumentError when `longest` is not above 2.
 */
export function chronoForgetBias(longest: number): Initialiser {
  if (!(longest > 2) || !Number.isFinite(longest)) {
    throw new ArgumentError(`chrono: the longest dependency must be a number of steps above 2, but is ${longest}.`);
  }
  return (key, shape) => uniformValues(key, sizeOf(shape)).map((value) => Math.log(1 + value * (longest - 2)));
}
