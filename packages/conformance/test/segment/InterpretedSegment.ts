import type { JsHandle } from '@tempograd/backend-js';
import {
  isFloat,
  type CompiledSegment,
  type SegmentArgs,
  type SegmentBackwardArgs,
  type SegmentBackwardResult,
  type SegmentForwardResult,
  type SegmentProgram,
  type TensorType,
} from '@tempograd/core/backend';
import type { JsBackend, JsOperand } from '../mutants/Mutant.js';
import { Handles } from './Handles.js';
import { runData } from './runData.js';

type Role = 'params' | 'carry' | 'inputs' | 'constants';

/** A segment by its program: every step interpreted, and its pullback on the way back. Saved is the carry before each step. */
export class InterpretedSegment implements CompiledSegment<JsHandle> {
  readonly #real: JsBackend;
  readonly #program: SegmentProgram;

  constructor(real: JsBackend, program: SegmentProgram) {
    this.#real = real;
    this.#program = program;
  }

  forward(args: SegmentArgs<JsHandle>, save: boolean): SegmentForwardResult<JsHandle> {
    return this.#releasing((handles) => {
      const count = args.carry.length;
      let carry = args.carry;
      const before: (readonly JsOperand[])[] = [];
      const outputs: JsOperand[][] = [];
      for (const t of order(args)) {
        const valid = args.mask && handles.row(args.mask, t);
        before[t] = carry;
        const results = runData(handles, this.#program.step, stepInputs(handles, args, carry, t));
        carry = carry.map((x, index) => handles.choose(valid, results[index]!, x, x));
        outputs[t] = results.slice(count).map((x) => handles.choose(valid, x, null, x));
      }
      const stacked = (steps: readonly (readonly JsOperand[])[]): JsOperand[] =>
        steps[0]!.map((_, leaf) => handles.result(handles.stack(steps.map((step) => step[leaf]!))));
      return {
        carry: carry.map((x) => handles.result(x)),
        outputs: stacked(outputs),
        saved: save ? stacked(before) : null,
      };
    });
  }

  backward(args: SegmentBackwardArgs<JsHandle>): SegmentBackwardResult<JsHandle> {
    return this.#releasing((handles) => {
      const types = this.#resultTypes();
      const carryTypes = types.slice(0, args.carry.length);
      let cotangents = carryTypes.map((type, index) => handles.choose(null, args.carryCotangents[index]!, null, type));
      const sums: Record<'params' | 'constants', (JsOperand | null)[]> = { params: [], constants: [] };
      const inputs: (readonly (JsOperand | null)[])[] = [];
      for (const t of order(args).toReversed()) {
        const valid = args.mask && handles.row(args.mask, t);
        const ofCarry = carryTypes.map((type, index) => handles.choose(valid, cotangents[index]!, null, type));
        const ofOutputs = types.slice(args.carry.length).map((type, index) => {
          const whole = args.outputCotangents[index] ?? null;
          return handles.choose(valid, whole && handles.row(whole, t), null, type);
        });
        const carry = args.saved.map((x) => handles.row(x, t));
        const given = [...ofCarry, ...ofOutputs].filter(({ dtype }) => isFloat(dtype));
        const gradients = this.#byRole(
          runData(handles, this.#program.pullback, [...stepInputs(handles, args, carry, t), ...given]),
        );
        for (const role of ['params', 'constants'] as const) {
          sums[role] = gradients[role].map((g, i) => (g && sums[role][i] ? handles.add(sums[role][i], g) : g));
        }
        inputs[t] = gradients.inputs;
        cotangents = carryTypes.map((type, index) => {
          const passed = handles.choose(valid, null, cotangents[index]!, type);
          const gradient = gradients.carry[index];
          return gradient ? handles.add(gradient, passed) : passed;
        });
      }
      const wanted = (role: Role, xs: readonly (JsOperand | null)[]): (JsOperand | null)[] =>
        xs.map((x, index) => (x && args.wants[role][index] ? handles.result(x) : null));
      const stacked = args.inputs.map((_, leaf) =>
        args.wants.inputs[leaf] ? handles.stack(inputs.map((step) => step[leaf]!)) : null,
      );
      return {
        params: wanted('params', sums.params),
        constants: wanted('constants', sums.constants),
        carry: wanted('carry', cotangents),
        inputs: wanted('inputs', stacked),
      };
    });
  }

  /** Gradients of the float inputs in their places, null for the others. */
  #byRole(gradients: readonly JsOperand[]): Record<Role, (JsOperand | null)[]> {
    const { counts, step } = this.#program;
    let next = 0;
    const all = step.inputs.map(({ dtype }) => (isFloat(dtype) ? gradients[next++]! : null));
    return {
      params: all.splice(0, counts.params),
      carry: all.splice(0, counts.carry),
      inputs: all.splice(0, counts.inputs),
      constants: all,
    };
  }

  #resultTypes(): TensorType[] {
    const { inputs, equations, outputs } = this.#program.step;
    return outputs.map((x) =>
      'literal' in x ? { shape: [], dtype: x.dtype } : (inputs[x.variable] ?? equations[x.variable - inputs.length]!),
    );
  }

  #releasing<R>(fn: (handles: Handles) => R): R {
    const handles = new Handles(this.#real);
    try {
      return fn(handles);
    } finally {
      handles.releaseAll();
    }
  }
}

/** Steps in the order in which they run. */
function order({ inputs, reverse }: SegmentArgs<JsHandle>): number[] {
  const steps = Array.from({ length: inputs[0]!.shape[0]! }, (_, t) => t);
  return reverse ? steps.reverse() : steps;
}

function stepInputs(
  handles: Handles,
  { params, inputs, constants }: SegmentArgs<JsHandle>,
  carry: readonly JsOperand[],
  t: number,
): JsOperand[] {
  return [...params, ...carry, ...inputs.map((x) => handles.row(x, t)), ...constants];
}
