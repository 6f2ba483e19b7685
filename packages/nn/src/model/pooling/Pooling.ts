import {
  broadcastTo,
  reshape,
  row,
  scope,
  ShapeError,
  type FloatDType,
  type Shape,
  type Tensor,
} from '@tempograd/core';
import { formatShape, type Backend } from '@tempograd/core/backend';

/** How the outputs of many steps become one readout. */
export const modelPoolings = ['none', 'last', 'mean', 'max', 'attention'] as const;

/** Parameters of a pooling. */
export interface PoolingParams {
  /** `[size]`; a step's score is its output times this. Zeros at the start, so that all steps weigh alike. */
  readonly query: Tensor;
}

/** Running accumulators, each `[1, batch, …]`; batch 1 stands for every row. */
export interface PoolingCarry {
  readonly [accumulator: string]: Tensor;
}

/** As what to make accumulators. */
export interface Like {
  readonly dtype: FloatDType;
  readonly backend: Backend;
}

/** What a pooling reads: outputs `[time, batch, size]`, 0 at masked steps, and the mask, i32 `[time, batch, 1]`. */
export interface Pooled {
  readonly output: Tensor;
  readonly mask: Tensor | null;
}

/**
 * Outputs `[time, batch, size]` → at each step the pooled outputs of all valid steps up to it, of the same shape: 0 before the first
 * one, and at a masked step as before it. What was before the stretch is in the carry, so that a sequence can be cut anywhere.
 */
export interface Pooling {
  /** Names and shapes of the accumulators without their rows: `[size]` is `[1, batch, size]`. */
  readonly accumulators: Readonly<Record<string, Shape>>;
  /** What every accumulator starts with; default is 0. */
  readonly start?: Readonly<Record<string, number>>;
  /** Accumulators come in and go out as `[batch, …]`. Runs in the caller's scope. */
  apply(
    carry: PoolingCarry,
    pooled: Pooled,
    params: PoolingParams | undefined,
  ): { carry: PoolingCarry; output: Tensor };
}

/** An accumulator's rows `[batch, …rest]`, of a carry `[1, batch or 1, …rest]`. @throws ShapeError when it is of another shape. */
export function accumulatorRows(accumulator: Tensor, batch: number, rest: Shape): Tensor {
  const { shape } = accumulator;
  const wanted = [1, batch, ...rest];
  const fits =
    shape.length === wanted.length && shape.every((n, axis) => n === wanted[axis] || (axis === 1 && n === 1));
  if (!fits) {
    throw new ShapeError(
      `sequenceModel: an accumulator of the pooling should be ${formatShape(wanted)}, or have batch 1 for all rows alike, but is ${formatShape(shape)}.`,
    );
  }
  return scope(() => reshape(broadcastTo(accumulator, wanted), [batch, ...rest]));
}

/** The last step of `[time, …rest]` → `[…rest]`. */
export function lastStep(x: Tensor): Tensor {
  return row(x, (x.shape[0] as number) - 1);
}
