import { isFloat, sameShape, type Argument, type SegmentProgram, type TensorType } from '../backend/index.js';
import { vjp } from '../autodiff/index.js';
import type { Tensor } from '../tensor/Tensor.js';
import { alignLeaves, treeLeaves, treeMap } from '../tensor/tree.js';
import type { Program } from '../tracing/index.js';
import { AbstractTensor } from '../tracing/AbstractTensor.js';
import { evaluate } from '../tracing/interpret.js';
import { plainData } from '../tracing/simplify.js';
import { traceNamed } from '../tracing/trace.js';
import { requireStepResult, type Cell, type StepResult } from './Cell.js';
import { likeCarry } from './overTime.js';
import { tracedContext, type StepArguments } from './traceStep.js';

/** A cell's step as a program, with its carry in the order of the carry that it was given. */
export type StepProgram<P, C, X, Y> = Program<
  [StepArguments<P, C, X>],
  { readonly carry: readonly Tensor[]; readonly output: Y }
>;

/** Traces the step that a scan over `inputs [time, …]` repeats. @throws TraceError when it cannot be traced. */
export function traceScanStep<P, C, X, Y>(
  cell: Cell<P, C, X, Y>,
  params: P,
  carry: C,
  inputs: X,
  hasKey: boolean,
): StepProgram<P, C, X, Y> {
  const input = treeMap(inputs, ({ shape, dtype, backend }) => exampleOf({ shape: shape.slice(1), dtype }, backend));
  const context = tracedContext(hasKey);
  const step = (given: StepArguments<P, C, X>): { carry: Tensor[]; output: Y } => {
    const next: StepResult<C, Y> = requireStepResult(cell.step(given.params, given.carry, given.input, context));
    return { carry: alignLeaves(given.carry, next.carry, likeCarry) as Tensor[], output: next.output };
  };
  return traceNamed('step', step, [{ params, carry, input }]);
}

/** Why a backend cannot be asked to compile a step, or null when it can. */
export function whyNotCompiled(
  { data, result }: StepProgram<unknown, unknown, unknown, unknown>,
  carry: unknown,
): string | null {
  const floats = new Set([...data.inputs, ...treeLeaves(result)].map(({ dtype }) => dtype).filter(isFloat));
  if (floats.size > 1) return 'its step mixes f32 and f64';
  const kept = treeLeaves(carry).every(({ shape, dtype }, index) => {
    const after = result.carry[index] as Tensor;
    return after.dtype === dtype && sameShape(after.shape, shape);
  });
  return kept ? null : 'its carry changes shape or dtype from step to step';
}

/** A traced step as backends are given it, with its way back. */
export function segmentProgram<P, C, X, Y>(
  { data, inputs, constants, backend, result }: StepProgram<P, C, X, Y>,
  { params, carry }: Pick<StepArguments<P, C, X>, 'params' | 'carry'>,
): SegmentProgram {
  const [first, second] = [treeLeaves(params).length, treeLeaves(carry).length];
  const results = treeLeaves(result);
  const back = traceNamed(
    'pullback',
    (xs: Tensor[], cotangents: Tensor[]) => {
      const { pullback } = vjp((given: Tensor[]) => evaluate(data, given, backend), xs);
      let next = 0;
      const all = results.map(({ dtype }) => (isFloat(dtype) ? (cotangents[next++] as Tensor) : null));
      return pullback(all as Tensor[]).filter(({ dtype }) => isFloat(dtype));
    },
    [
      data.inputs.map((type) => exampleOf(type, backend)),
      results.filter(({ dtype }) => isFloat(dtype)).map((type) => exampleOf(type, backend)),
    ],
  );
  return {
    counts: { params: first, carry: second, inputs: inputs.length - first - second, constants: constants.length },
    step: plainData(data),
    pullback: plainData(back.data),
  };
}

const nothing: Argument = { literal: 0, dtype: 'i32' };

/** A tensor that shows a shape and a dtype. */
function exampleOf({ shape, dtype }: TensorType, backend: Tensor['backend']): Tensor {
  return new AbstractTensor(null, nothing, shape, dtype, backend);
}
