import {
  abs,
  add,
  div,
  exp,
  less,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  relu,
  select,
  sigmoid,
  sub,
  tanh,
  type Tensor,
} from '@tempograd/core';
import { OnnxError } from '../OnnxError.js';

/** An activation whose settings are chosen. */
export type Activation = (x: Tensor) => Tensor;

/** One of the functions that recurrent operators may name: its defaults, and how it is made. Source: onnx.ai/onnx/operators/onnx__LSTM.html. */
interface Kind {
  /** Default of `activation_alpha`, where it takes one; null where programs differ about it. */
  readonly alpha?: number | null;
  /** The same of `activation_beta`. */
  readonly beta?: number | null;
  readonly make: (alpha: number, beta: number) => Activation;
}

const kinds: Readonly<Record<string, Kind>> = {
  relu: { make: () => relu },
  tanh: { make: () => tanh },
  sigmoid: { make: () => sigmoid },
  affine: { alpha: null, beta: null, make: (alpha, beta) => (x) => add(mul(x, alpha), beta) },
  leakyrelu: { alpha: 0.01, make: (alpha) => (x) => select(less(x, 0), mul(x, alpha), x) },
  thresholdedrelu: { alpha: null, make: (alpha) => (x) => select(less(x, alpha), 0, x) },
  scaledtanh: { alpha: null, beta: null, make: (alpha, beta) => (x) => mul(tanh(mul(x, beta)), alpha) },
  hardsigmoid: {
    alpha: 0.2,
    beta: 0.5,
    make: (alpha, beta) => (x) => minimum(maximum(add(mul(x, alpha), beta), 0), 1),
  },
  // Of numbers above 0 no power is taken, which might be infinite.
  elu: { alpha: 1, make: (alpha) => (x) => select(less(x, 0), mul(sub(exp(minimum(x, 0)), 1), alpha), x) },
  softsign: { make: () => (x) => div(x, add(abs(x), 1)) },
  softplus: { make: () => (x) => add(relu(x), log1p(exp(neg(abs(x))))) },
};

/** Whether there is such a function; upper and lower case do not matter. */
export function isActivation(name: string): boolean {
  return Object.hasOwn(kinds, name.toLowerCase());
}

/** The functions of these names, in order. Those that take an alpha or a beta take the next of the list, else their default. */
export function activationsOf(
  names: readonly string[],
  alphas: readonly number[],
  betas: readonly number[],
): Activation[] {
  const [alpha, beta] = [[...alphas], [...betas]];
  return names.map((name) => {
    const kind = kinds[name.toLowerCase()] as Kind;
    return kind.make(
      settingOf(name, 'activation_alpha', alpha, kind.alpha),
      settingOf(name, 'activation_beta', beta, kind.beta),
    );
  });
}

/** The function of what is clipped to `±clip`. */
export function clipped(act: Activation, clip: number): Activation {
  return (x) => act(minimum(maximum(x, -clip), clip));
}

/** The next of the list, for a function that takes one. */
function settingOf(name: string, attribute: string, list: number[], standard: number | null | undefined): number {
  if (standard === undefined) return 0;
  const value = list.shift() ?? standard;
  if (value === null) {
    throw new OnnxError(
      `The activation ${name} needs ${attribute}, for which there is no default that programs agree on.`,
    );
  }
  return value;
}
