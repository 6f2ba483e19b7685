import { isFloat, type Result } from '../backend/index.js';
import { applyFused, fromResult, reportPath, whyNotFused } from '../tensor/applyFused.js';
import type { FusedOp } from '../tensor/FusedOp.js';
import { row } from '../tensor/ops/index.js';
import { scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { treeFill, treeLeaves, treeMap } from '../tensor/tree.js';
import { evaluate } from '../tracing/interpret.js';
import type { Cell, ScanOptions, StepResult } from './Cell.js';
import { constantsOf, withCompiledStep, type CompiledStep } from './compiledStep.js';
import { overTime, timeOf, withoutPadding } from './overTime.js';

interface Inputs {
  readonly params: readonly Tensor[];
  readonly carry: readonly Tensor[];
  readonly inputs: readonly Tensor[];
  readonly constants: readonly Tensor[];
  readonly mask: Tensor | null;
}

interface Attributes {
  readonly step: CompiledStep<unknown, unknown, unknown, unknown>;
  readonly reverse: boolean;
}

/** A compiled step over a segment: gives the last carry, then the outputs. */
const fusedSegment: FusedOp<Inputs, Attributes> = {
  family: 'segment',
  kinds: {
    params: 'float or i32',
    carry: 'float or i32',
    inputs: 'float or i32',
    constants: 'float or i32',
    mask: 'i32',
  },
  forward(backend, inputs, { step, reverse }, save) {
    const { carry, outputs, saved } = step.compiled.forward({ ...inputs, reverse }, save);
    const tensor = (result: Result): ReturnType<typeof fromResult> => fromResult(backend, result);
    return { outputs: [...carry, ...outputs].map(tensor), saved: (saved ?? []).map(tensor) };
  },
  backward(backend, { inputs, outputs, saved, cotangents, wants, attributes: { step, reverse } }) {
    const given = cotangents.map((cotangent, index) => (isFloat((outputs[index] as Tensor).dtype) ? cotangent : null));
    const float = (role: Exclude<keyof Inputs, 'mask'>): boolean[] =>
      wants[role].map((want, index) => want && isFloat((inputs[role][index] as Tensor).dtype));
    const gradients = step.compiled.backward({
      ...inputs,
      reverse,
      saved,
      carryCotangents: given.slice(0, inputs.carry.length),
      outputCotangents: given.slice(inputs.carry.length),
      wants: { params: float('params'), carry: float('carry'), inputs: float('inputs'), constants: float('constants') },
    });
    const tensors = (results: readonly (Result | null)[]): (Tensor | null)[] =>
      results.map((result) => (result === null ? null : fromResult(backend, result)));
    return {
      params: tensors(gradients.params),
      carry: tensors(gradients.carry),
      inputs: tensors(gradients.inputs),
      constants: tensors(gradients.constants),
    };
  },
  composed({ params, carry, inputs, constants, mask }, { step, reverse }) {
    const { data, backend } = step.program;
    const { carry: last, output } = overTime(timeOf(inputs), carry, { mask, reverse }, (current, t) => {
      const results = evaluate(data, [...params, ...current, ...inputs.map((x) => row(x, t)), ...constants], backend);
      return { carry: results.slice(0, carry.length), output: results.slice(carry.length) };
    });
    return [...last, ...output];
  },
};

/** `scan` by a step that the backend has compiled; null where there is none, and the paths taken say why. */
export function scanCompiled<P, C, X, Y>(
  cell: Cell<P, C, X, Y>,
  params: P,
  carry: C,
  inputs: X,
  { mask = null, reverse = false, key = null }: ScanOptions,
): StepResult<C, Y> | null {
  const { backend } = treeLeaves(inputs)[0] as Tensor;
  const refused = whyNotFused('segment', backend);
  if (refused !== null) {
    reportPath('segment', refused);
    return null;
  }
  return withCompiledStep(backend, cell, { params, carry, inputs, hasKey: key !== null }, (step) => {
    const reason = typeof step === 'string' ? step : whyNotMasked(step, mask);
    if (typeof step === 'string' || reason !== null) {
      reportPath('segment', reason);
      return null;
    }
    return scope(() => {
      const given = {
        params: treeLeaves(params),
        carry: treeLeaves(carry),
        inputs: treeLeaves(mask === null ? inputs : treeMap(inputs, (x) => withoutPadding(x, mask))),
        constants: constantsOf(step),
        mask,
      };
      const results = applyFused(fusedSegment, given, { step, reverse });
      const count = given.carry.length;
      return {
        carry: treeFill(carry, results.slice(0, count)),
        output: treeFill(step.program.result.output, results.slice(count)),
      };
    });
  });
}

/** A mask chooses rows: without a row for each place in the batch the step after step path says what does not fit. */
function whyNotMasked(
  { program }: CompiledStep<unknown, unknown, unknown, unknown>,
  mask: Tensor | null,
): string | null {
  const fits = mask === null || treeLeaves(program.result).every(({ shape }) => shape[0] === mask.shape[1]);
  return fits ? null : 'the mask does not fit its carry and outputs';
}
