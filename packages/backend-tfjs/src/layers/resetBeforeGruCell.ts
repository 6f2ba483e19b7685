import {
  add,
  linear,
  mul,
  sigmoid,
  sliceAxis,
  sub,
  tanh,
  zeros,
  type Cell,
  type CellOptions,
  type RecurrentParams,
} from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import type { Tensor } from '@tempograd/core';

const cellTable = optionTable<CellOptions>({ hiddenSize: required('number') });

/**
 * The GRU of tf.layers, which resets the state before the product: with gate rows r, z, n,
 * `r, z = σ(W x + b + U h + d)`, `n = tanh(W_n x + b_n + U_n (r⊙h) + d_n)`, `h' = (1−z)⊙n + z⊙h`.
 *
 * `gruCell` of core resets after the product, as PyTorch and cuDNN do: the same weights compute something else there.
 * Source: Cho et al. 2014.
 */
export function resetBeforeGruCell(options: CellOptions): Cell<RecurrentParams, Tensor> {
  checkOptions('resetBeforeGruCell', options, cellTable);
  const { hiddenSize } = options;
  const gate = (x: Tensor, from: number, to: number): Tensor => sliceAxis(x, from * hiddenSize, to * hiddenSize, -1);
  const rows = (x: Tensor, from: number, to: number): Tensor => sliceAxis(x, from * hiddenSize, to * hiddenSize);
  return {
    initialCarry: (batch, like) => zeros([batch, hiddenSize], like),
    step({ weight_ih, weight_hh, bias_ih, bias_hh }, h, input) {
      const fromInput = linear(input, weight_ih, bias_ih);
      const biasOf = (from: number, to: number): Tensor | null => (bias_hh ? rows(bias_hh, from, to) : null);
      const fromState = linear(h, rows(weight_hh, 0, 2), biasOf(0, 2));
      const gates = sigmoid(add(gate(fromInput, 0, 2), fromState));
      const [r, z] = [gate(gates, 0, 1), gate(gates, 1, 2)];
      const candidate = linear(mul(r, h), rows(weight_hh, 2, 3), biasOf(2, 3));
      const n = tanh(add(gate(fromInput, 2, 3), candidate));
      const next = add(mul(sub(1, z), n), mul(z, h));
      return { carry: next, output: next };
    },
  };
}
