import { passRow, type BackwardStep } from './backwardStep.js';
import { skipRow, type ForwardStep } from './forwardStep.js';
import type { Rows } from './segment.js';

/** `h' = tanh(W x + b + U h + d)`. */
export function rnnTanhForwardStep(w: ForwardStep, row: number, h: Rows): void {
  const { batch, hidden, gates, product, stride, states, output, mask } = w;
  for (let b = 0; b < batch; b++, row++) {
    if (mask !== null && mask[row] === 0) {
      skipRow(w, row, b, h);
      continue;
    }
    for (let j = 0, at = row * hidden, p = b * stride; j < hidden; j++, at++, p++) {
      gates[at] = states[at] = output[at] = Math.tanh(gates[at]! + product[p]!);
    }
  }
}

/** `h' = max(W x + b + U h + d, 0)`. */
export function rnnReluForwardStep(w: ForwardStep, row: number, h: Rows): void {
  const { batch, hidden, gates, product, stride, states, output, mask } = w;
  for (let b = 0; b < batch; b++, row++) {
    if (mask !== null && mask[row] === 0) {
      skipRow(w, row, b, h);
      continue;
    }
    for (let j = 0, at = row * hidden, p = b * stride; j < hidden; j++, at++, p++) {
      gates[at] = states[at] = output[at] = Math.max(gates[at]! + product[p]!, 0);
    }
  }
}

/** `δ = dh⊙(1−h'²)`. */
export function rnnTanhBackwardStep(w: BackwardStep, row: number): void {
  const { batch, hidden, gates, mask, dh, deltaInput: delta } = w;
  for (let b = 0; b < batch; b++, row++) {
    if (mask !== null && mask[row] === 0) {
      passRow(w, row, hidden);
      continue;
    }
    for (let j = 0, at = row * hidden, s = b * hidden; j < hidden; j++, at++, s++) {
      delta[at] = dh[s]! * (1 - gates[at]! * gates[at]!);
      dh[s] = 0;
    }
  }
}

/** `δ = dh` where `h' > 0`, else 0. */
export function rnnReluBackwardStep(w: BackwardStep, row: number): void {
  const { batch, hidden, gates, mask, dh, deltaInput: delta } = w;
  for (let b = 0; b < batch; b++, row++) {
    if (mask !== null && mask[row] === 0) {
      passRow(w, row, hidden);
      continue;
    }
    for (let j = 0, at = row * hidden, s = b * hidden; j < hidden; j++, at++, s++) {
      delta[at] = gates[at]! > 0 ? dh[s]! : 0;
      dh[s] = 0;
    }
  }
}
