import { passRow, type BackwardStep } from './backwardStep.js';
import { skipRow, type ForwardStep } from './forwardStep.js';
import type { Rows } from './segment.js';

/** `i, f, o = σ(·)`, `g = tanh(·)`, `c' = f⊙c + i⊙g`, `h' = o⊙tanh(c')`. */
export function lstmForwardStep(w: ForwardStep, row: number, h: Rows, c: Rows): void {
  const { batch, hidden, gates, product, stride, states, extra, output, mask } = w;
  for (let b = 0; b < batch; b++, row++) {
    const to = row * hidden;
    const from = c.start + b * hidden;
    if (mask !== null && mask[row] === 0) {
      skipRow(w, row, b, h);
      for (let j = 0; j < hidden; j++) extra[to + j] = c.data[from + j]!;
      continue;
    }
    const z = b * stride;
    const gi = row * 4 * hidden, gf = gi + hidden, gg = gf + hidden, go = gg + hidden; // prettier-ignore
    for (let j = 0; j < hidden; j++) {
      const i = 1 / (1 + Math.exp(-gates[gi + j]! - product[z + j]!));
      const f = 1 / (1 + Math.exp(-gates[gf + j]! - product[z + hidden + j]!));
      const g = Math.tanh(gates[gg + j]! + product[z + 2 * hidden + j]!);
      const o = 1 / (1 + Math.exp(-gates[go + j]! - product[z + 3 * hidden + j]!));
      const cell = f * c.data[from + j]! + i * g;
      const state = o * Math.tanh(cell);
      gates[gi + j] = i;
      gates[gf + j] = f;
      gates[gg + j] = g;
      gates[go + j] = o;
      extra[to + j] = cell;
      states[to + j] = state;
      output[to + j] = state;
    }
  }
}

/** `dc += dh⊙o⊙(1−tanh²c')`; `δ_i = dc⊙g⊙i(1−i)`, `δ_f = dc⊙c⊙f(1−f)`, `δ_g = dc⊙i⊙(1−g²)`, `δ_o = dh⊙tanh(c')⊙o(1−o)`; `dc ← dc⊙f`. */
export function lstmBackwardStep(w: BackwardStep, row: number, _h: Rows, c: Rows): void {
  const { batch, hidden, gates, extra, mask, dh, dc, deltaInput: delta } = w;
  for (let b = 0; b < batch; b++, row++) {
    if (mask !== null && mask[row] === 0) {
      passRow(w, row, 4 * hidden);
      continue;
    }
    const at = row * hidden;
    const from = c.start + b * hidden;
    const gi = row * 4 * hidden, gf = gi + hidden, gg = gf + hidden, go = gg + hidden; // prettier-ignore
    for (let j = 0, s = b * hidden; j < hidden; j++, s++) {
      const i = gates[gi + j]!, f = gates[gf + j]!, g = gates[gg + j]!, o = gates[go + j]!; // prettier-ignore
      const tanhCell = Math.tanh(extra[at + j]!);
      const dState = dh[s]!;
      const dCell = dc[s]! + dState * o * (1 - tanhCell * tanhCell);
      delta[gi + j] = dCell * g * i * (1 - i);
      delta[gf + j] = dCell * c.data[from + j]! * f * (1 - f);
      delta[gg + j] = dCell * i * (1 - g * g);
      delta[go + j] = dState * tanhCell * o * (1 - o);
      dc[s] = dCell * f;
      dh[s] = 0;
    }
  }
}
