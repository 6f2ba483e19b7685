import { add, chunk, linear, mul, sigmoid, sub, tanh, zeros, type Cell, type Tensor } from '@tempograd/core';
import type { OwnCell } from '@tempograd/nn';

interface Params {
  /** `[2·hidden, …]` each, the forget gate's rows first. */
  readonly weight_ih: Tensor;
  readonly weight_hh: Tensor;
  readonly bias_ih: Tensor;
  readonly bias_hh: Tensor;
}

/**
 * The minimal gated unit (Zhou et al. 2016) as a user writes it, step by step:
 * `f = σ(W_f x + b_f + U_f h + c_f)`, `h′ = h + f ∘ (tanh(W_n x + b_n + U_n (f ∘ h) + c_n) − h)`.
 */
export function minimalGatedUnit(hidden: number): OwnCell {
  const cell: Cell<Params, Tensor> = {
    initialCarry: (batch, options) => zeros([batch, hidden], options),
    step({ weight_ih, weight_hh, bias_ih, bias_hh }, h, input) {
      const [forgetX, newX] = chunk(linear(input, weight_ih, bias_ih), 2, 1) as [Tensor, Tensor];
      const [forgetU, newU] = chunk(weight_hh, 2) as [Tensor, Tensor];
      const [forgetB, newB] = chunk(bias_hh, 2) as [Tensor, Tensor];
      const forget = sigmoid(add(forgetX, linear(h, forgetU, forgetB)));
      const candidate = tanh(add(newX, linear(mul(forget, h), newU, newB)));
      const next = add(h, mul(forget, sub(candidate, h)));
      return { carry: next, output: next };
    },
  };
  return {
    name: 'mgu',
    shapes: ({ inputSize, hiddenSize }) => ({
      weight_ih: [2 * hiddenSize, inputSize],
      weight_hh: [2 * hiddenSize, hiddenSize],
      bias_ih: [2 * hiddenSize],
      bias_hh: [2 * hiddenSize],
    }),
    cell,
  };
}
