import type { RecurrentCell } from '../backend/index.js';
import { add, linear, mul, relu, sigmoid, sliceAxis, sub, tanh } from '../tensor/index.js';
import type { Tensor } from '../tensor/Tensor.js';

/** The recurrent half of a cell's parameters. */
export interface RecurrentHalf {
  /** U, `[G·H, H]`. */
  readonly weightHh: Tensor;
  /** d, `[G·H]`, or null. */
  readonly biasHh: Tensor | null;
}

/**
 * One step from the input's share of the gates: `a = W x + b [batch, G·H]` and the carry → the new carry, h first.
 * The equations stand at `RecurrentArgs`.
 */
export type GateStep = (a: Tensor, carry: readonly Tensor[], half: RecurrentHalf) => Tensor[];

const plain =
  (activation: (x: Tensor) => Tensor): GateStep =>
  (a, [h], { weightHh, biasHh }) => [activation(add(a, linear(h as Tensor, weightHh, biasHh)))];

const lstm: GateStep = (a, [h, c], { weightHh, biasHh }) => {
  const [i, f, g, o] = gates(add(a, linear(h as Tensor, weightHh, biasHh)), 4) as [Tensor, Tensor, Tensor, Tensor];
  const cell = add(mul(sigmoid(f), c as Tensor), mul(sigmoid(i), tanh(g)));
  return [mul(sigmoid(o), tanh(cell)), cell];
};

const gru: GateStep = (a, [h], { weightHh, biasHh }) => {
  const [ar, az, an] = gates(a, 3) as [Tensor, Tensor, Tensor];
  const [ur, uz, un] = gates(linear(h as Tensor, weightHh, biasHh), 3) as [Tensor, Tensor, Tensor];
  const r = sigmoid(add(ar, ur));
  const z = sigmoid(add(az, uz));
  const n = tanh(add(an, mul(r, un)));
  return [add(n, mul(z, sub(h as Tensor, n)))];
};

/** The step of each standard cell. */
export const gateSteps: Readonly<Record<RecurrentCell, GateStep>> = {
  rnnTanh: plain(tanh),
  rnnRelu: plain(relu),
  lstm,
  gru,
};

/** `[batch, count·H]` as `count` tensors `[batch, H]`. */
function gates(a: Tensor, count: number): Tensor[] {
  const hidden = (a.shape[1] as number) / count;
  return Array.from({ length: count }, (_, gate) => sliceAxis(a, gate * hidden, (gate + 1) * hidden, 1));
}
