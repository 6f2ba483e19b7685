import { TraceError } from '../backend/index.js';
import type { Program } from '../tracing/index.js';
import { traceNamed } from '../tracing/trace.js';
import { requireCell, requireStepResult, type Cell, type CellContext, type StepResult } from './Cell.js';

/** What a traced step is a function of. */
export interface StepArguments<P, C, X> {
  readonly params: P;
  readonly carry: C;
  /** Of one step, `[batch, …]`. */
  readonly input: X;
}

/** What a step is given while it is traced. One program stands for every step: there is no time in it, nor a key where the run has one. */
export function tracedContext(hasKey: boolean): CellContext {
  return {
    get key(): null {
      if (hasKey)
        throw new TraceError(`A step that looks at context.key cannot be traced: ${everyStep('random numbers')}`);
      return null;
    },
    get time(): number {
      throw new TraceError(`A step that looks at context.time cannot be traced: ${everyStep('time')}`);
    },
  };
}

function everyStep(what: string): string {
  return `the program would have the ${what} of one step in it, for all of them. Put what changes into the carry or the input.`;
}

/**
 * One step of a cell as a program of `{ params, carry, input }`; of the examples only shapes, dtypes and the backend are looked at.
 * Nothing in it is random: the step is given no key.
 * @throws TraceError when the step reads a value or the time, or has effects.
 */
export function traceStep<P, C, X, Y>(
  cell: Cell<P, C, X, Y>,
  example: StepArguments<P, C, X>,
): Program<[StepArguments<P, C, X>], StepResult<C, Y>> {
  requireCell('traceStep', cell);
  const step = ({ params, carry, input }: StepArguments<P, C, X>): StepResult<C, Y> =>
    requireStepResult(cell.step(params, carry, input, tracedContext(false)));
  return traceNamed('step', step, [example]);
}
