import {
  ArgumentError,
  cast,
  foldInName,
  lessEqual,
  mul,
  reshape,
  scope,
  uniform,
  type FloatDType,
  type StepContext,
  type Tensor,
} from '@tempograd/core';

/** Randomly zeroes elements in training. It has no parameters. */
export interface DropoutLayer {
  readonly rate: number;
  /** `[time, …]` → the same shape. Without a context, or with one whose key is null, the input as it is. */
  apply(input: Tensor, context?: StepContext | null): Tensor;
}

/**
 * Each element is 0 with probability `rate`, else times `1/(1 − rate)`. The random numbers of a step depend on the context's key
 * and the step's absolute index alone: however a sequence is cut into stretches, and when a stretch is run again, they are the
 * same. Source: Srivastava et al. 2014.
 * @throws ArgumentError unless the rate lies in [0, 1).
 */
export function dropout(rate: number): DropoutLayer {
  if (!(rate >= 0 && rate < 1)) throw new ArgumentError(`dropout: the rate must lie in [0, 1), but is ${rate}.`);
  // Random numbers are multiples of 2⁻²⁴: such a rate divides them alike in f32 and f64.
  const threshold = Math.round(rate * 2 ** 24) / 2 ** 24;
  return {
    rate,
    apply(input, context = null) {
      if (rate === 0 || context === null || context.key === null) return reshape(input, input.shape);
      const key = context.key;
      return scope(() => {
        const [time = 1] = input.shape;
        const offset = (context.from * input.size) / Math.max(time, 1);
        const draws = uniform(key, input.shape, { dtype: input.dtype as FloatDType, backend: input.backend, offset });
        return mul(input, mul(cast(lessEqual(threshold, draws), input.dtype), 1 / (1 - rate)));
      });
    },
  };
}

/** The context for one part of a model, with random numbers of its own. */
export function contextFor(context: StepContext | null | undefined, name: string): StepContext | null {
  if (!context || context.key === null) return context ?? null;
  return { from: context.from, key: foldInName(context.key, name) };
}
