import {
  cellTask,
  full,
  linear,
  mul,
  sliceAxis,
  sub,
  sum,
  tensor,
  zeros,
  type SequenceTask,
  type Tensor,
} from '@tempograd/core';

/** Units of the chain. */
const units = 23;
/** Of these so many, the nearest to the one that counts, are driven by θ, the others by −θ. */
const positive = 10;

const f64 = { dtype: 'f64' } as const;

/** The one parameter, a scalar. */
export interface Theta {
  readonly theta: Tensor;
}

/** Where the loss is 0: at rest `s₀ = 2θ(10 − 13)`. */
export const optimalTheta: number = -1 / 6;

/**
 * Influence balancing: `s ← A s + θ v`, where A has ½ on the diagonal and above it, so that unit i listens to itself and to unit
 * i + 1, and v is 1 for the first ten units and −1 for the other 13. The loss of each step is `½ (s₀ − 1)²`. What θ does to s₀ soon
 * has the other sign than what it does in the end. A stretch is zeros, `[time, 1, 1]`: nothing goes in. f64.
 * Source: Tallec & Ollivier 2017, "Unbiased online recurrent optimization".
 */
export function balancingTask(): SequenceTask<Theta, Tensor, Tensor, Tensor> {
  const chain = tensor(
    Array.from({ length: units }, (_, i) =>
      Array.from({ length: units }, (__, j) => (j === i || j === i + 1 ? 0.5 : 0)),
    ),
    f64,
  );
  const signs = tensor(
    Array.from({ length: units }, (_, i) => (i < positive ? 1 : -1)),
    f64,
  );
  const one = full([], 1, f64);
  return cellTask<Theta, Tensor, Tensor, Tensor, Tensor>(
    {
      initialCarry: () => zeros([1, units], f64),
      step({ theta }, state) {
        const next = linear(state, chain, mul(signs, theta));
        return { carry: next, output: sliceAxis(next, 0, 1, 1) };
      },
    },
    {
      input: (stretch) => stretch,
      loss(_params, first) {
        const error = sub(first, one);
        return mul(sum(mul(error, error)), 0.5);
      },
    },
  );
}

/** A stretch of so many steps. */
export function balancingSteps(time: number): Tensor {
  return zeros([time, 1, 1], f64);
}

/** The state in which the chain rests, `(I − A)⁻¹ θ v`, `[1, units]`. */
export function restingState(theta: number): Tensor {
  const state = new Array<number>(units);
  let next = 0;
  for (let unit = units - 1; unit >= 0; unit--) {
    next += 2 * theta * (unit < positive ? 1 : -1);
    state[unit] = next;
  }
  return tensor([state], f64);
}
