import { passRow, type BackwardStep } from './backwardStep.js';
import { skipRow, type ForwardStep } from './forwardStep.js';
import type { Rows } from './segment.js';

/** `r, z = σ(·)`, `n = tanh(W_n x + b_n + r⊙(U_n h + d_n))`, `h' = (1−z)⊙n + z⊙h`. */
export function gruForwardStep(w: ForwardStep, row: number, h: Rows): void {
  const { batch, hidden, gates, product, stride, resetBias, states, extra, output, mask } = w;
  for (let b = 0; b < batch; b++, row++) {
    const to = row * hidden;
    if (mask !== null && mask[row] === 0) {
      skipRow(w, row, b, h);
      extra.fill(0, to, to + hidden);
      continue;
    }
    const from = h.start + b * hidden;
    const p = b * stride;
    const gr = row * 3 * hidden, gz = gr + hidden, gn = gz + hidden; // prettier-ignore
    for (let j = 0; j < hidden; j++) {
      const r = 1 / (1 + Math.exp(-gates[gr + j]! - product[p + j]!));
      const z = 1 / (1 + Math.exp(-gates[gz + j]! - product[p + hidden + j]!));
      const candidate = product[p + 2 * hidden + j]! + resetBias[j]!;
      const n = Math.tanh(gates[gn + j]! + r * candidate);
      const state = (1 - z) * n + z * h.data[from + j]!;
      gates[gr + j] = r;
      gates[gz + j] = z;
      gates[gn + j] = n;
      extra[to + j] = candidate;
      states[to + j] = state;
      output[to + j] = state;
    }
  }
}

/** `δ_n = dh⊙(1−z)⊙(1−n²)`, `δ_z = dh⊙(h−n)⊙z(1−z)`, `δ_r = δ_n⊙(U_n h + d_n)⊙r(1−r)`; through U the candidate gets `δ_n⊙r`; `dh ← dh⊙z`. */
export function gruBackwardStep(w: BackwardStep, row: number, h: Rows): void {
  const { batch, hidden, gates, extra, mask, dh, deltaInput, deltaHidden } = w;
  for (let b = 0; b < batch; b++, row++) {
    if (mask !== null && mask[row] === 0) {
      passRow(w, row, 3 * hidden);
      continue;
    }
    const at = row * hidden;
    const from = h.start + b * hidden;
    const gr = row * 3 * hidden, gz = gr + hidden, gn = gz + hidden; // prettier-ignore
    for (let j = 0, s = b * hidden; j < hidden; j++, s++) {
      const r = gates[gr + j]!, z = gates[gz + j]!, n = gates[gn + j]!; // prettier-ignore
      const dState = dh[s]!;
      const deltaN = dState * (1 - z) * (1 - n * n);
      const deltaR = deltaN * extra[at + j]! * r * (1 - r);
      const deltaZ = dState * (h.data[from + j]! - n) * z * (1 - z);
      deltaInput[gr + j] = deltaR;
      deltaInput[gz + j] = deltaZ;
      deltaInput[gn + j] = deltaN;
      deltaHidden[gr + j] = deltaR;
      deltaHidden[gz + j] = deltaZ;
      deltaHidden[gn + j] = deltaN * r;
      dh[s] = dState * z;
    }
  }
}
