import type { Program } from '../tracing/index.js';
import { traceNamed } from '../tracing/trace.js';
import type { Cell, StepResult } from './Cell.js';

/** What a traced step is a function of. */
export interface StepArguments<P, C, X> {
  readonly params: P;
  readonly carry: C;
  /** Of one step, `[batch, …]`. */
  readonly input: X;
}

/**
 * One step of a cell as a program of `{ params, carry, input }`; of the examples only shapes, dtypes and the backend are looked at.
 * @throws TraceError when the step reads a value or has effects.
 */
export function traceStep<P, C, X, Y>(
  cell: Cell<P, C, X, Y>,
  example: StepArguments<P, C, X>,
): Program<[StepArguments<P, C, X>], StepResult<C, Y>> {
  return traceNamed('step', ({ params, carry, input }) => cell.step(params, carry, input), [example]);
}
