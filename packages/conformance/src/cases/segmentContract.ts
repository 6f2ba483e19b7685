import { add, mul, scanSteps, tanh, vjp, zeros, type Cell, type Tensor } from '@tempograd/core';
import type { CompiledSegment, FloatDType, Operand, ProgramData, SegmentProgram } from '@tempograd/core/backend';
import type { Check } from '../check/Check.js';
import type { HostArray } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { Handles } from '../check/Handles.js';

const [time, batch, hidden] = [4, 3, 2];

/** `h' = tanh(w ⊙ h + x)` with its way back, as a backend is given it: parameters w, carry h, input x. */
function programOf(dtype: FloatDType): SegmentProgram {
  const row = { shape: [hidden], dtype };
  const rows = { shape: [batch, hidden], dtype };
  const variables = (...numbers: number[]): { variable: number }[] => numbers.map((variable) => ({ variable }));
  const forward = (first: number): ProgramData['equations'] => [
    { primitive: 'mul', inputs: variables(0, 1), attributes: null, ...rows },
    { primitive: 'add', inputs: variables(first, 2), attributes: null, ...rows },
    { primitive: 'tanh', inputs: variables(first + 1), attributes: null, ...rows },
  ];
  return {
    counts: { params: 1, carry: 1, inputs: 1, constants: 0 },
    step: { inputs: [row, rows, rows], equations: forward(3), outputs: variables(5, 5) },
    pullback: {
      inputs: [row, rows, rows, rows, rows],
      equations: [
        ...forward(5),
        { primitive: 'add', inputs: variables(3, 4), attributes: null, ...rows },
        { primitive: 'mul', inputs: variables(7, 7), attributes: null, ...rows },
        { primitive: 'sub', inputs: [{ literal: 1, dtype }, { variable: 9 }], attributes: null, ...rows },
        { primitive: 'mul', inputs: variables(8, 10), attributes: null, ...rows },
        { primitive: 'mul', inputs: variables(11, 1), attributes: null, ...rows },
        { primitive: 'sum', inputs: variables(12), attributes: { axes: [0] }, ...row },
        { primitive: 'mul', inputs: variables(11, 0), attributes: null, ...rows },
      ],
      outputs: variables(13, 14, 11),
    },
  };
}

const cell: Cell<Tensor, Tensor> = {
  initialCarry: (rows, options) => zeros([rows, hidden], options),
  step: (w, h, x) => {
    const next = tanh(add(mul(w, h), x));
    return { carry: next, output: next };
  },
};

/** The same by core: last carry and output, then the gradients of w, h and x. */
function trusted(
  { oracle }: Check,
  inputs: readonly HostArray[],
  cotangents: readonly (HostArray | null)[],
): Promise<HostArray[]> {
  return oracle.run(() => {
    const run = ([w, h, x]: Tensor[]): Tensor[] => {
      const { carry, output } = scanSteps(cell, w as Tensor, h as Tensor, x as Tensor);
      return [carry, output];
    };
    const { value, pullback } = vjp(
      run,
      inputs.map((x) => oracle.write(x)),
    );
    try {
      return [...value, ...pullback(cotangents.map((x) => x && oracle.write(x)) as Tensor[])];
    } finally {
      pullback.dispose();
    }
  });
}

/** What only callers of a compiled segment see: nothing saved unless asked for, nothing given that is not wanted, null for zero. A backend may refuse any program. */
async function checkContract(check: Check): Promise<void> {
  const { backend } = check.context;
  const compiled = backend.compileSegment?.(programOf(check.dtype)) ?? null;
  if (compiled === null) return check.require(true, '');
  const inputs = [[hidden], [batch, hidden], [time, batch, hidden]].map((shape) => check.sample.floats(shape));
  const cotangents = [
    [batch, hidden],
    [time, batch, hidden],
  ].map((shape) => check.sample.floats(shape));
  const handles = new Handles(check);
  try {
    const [w, h, x] = inputs.map((each) => handles.write(each)) as [Operand, Operand, Operand];
    const args = { params: [w], carry: [h], inputs: [x], constants: [], mask: null, reverse: false };
    const light = compiled.forward(args, false);
    [...light.carry, ...light.outputs].forEach((each) => handles.hold(each));
    check.require(light.saved === null, 'forward saved something though it was not asked to');
    const { carry, outputs, saved } = compiled.forward(args, true);
    [...carry, ...outputs, ...(saved ?? [])].forEach((each) => handles.hold(each));
    if (saved === null) return check.require(false, 'forward saved nothing though it was asked to');
    for (const given of [cotangents, [cotangents[0]!, null], [null, cotangents[1]!]]) {
      const expected = await trusted(check, inputs, given);
      const values = await Promise.all([...light.carry, ...light.outputs].map((each) => handles.read(each)));
      check.compareAll(values, expected.slice(0, 2), { measure: 'value', opClass: 'recurrent', what: 'carry, output' });
      for (let subset = 0; subset < 8; subset++) {
        const wanted = [1, 2, 4].map((bit) => (subset & bit) !== 0);
        const written = given.map((each) => each && handles.write(each));
        const gradients = backward(compiled, { ...args, saved }, written, wanted);
        gradients.forEach((each) => each && handles.hold(each));
        for (const [index, gradient] of gradients.entries()) {
          const name = ['params', 'carry', 'inputs'][index];
          check.require(
            (gradient !== null) === wanted[index],
            `${name}: a gradient is given where it is not wanted, or not where it is`,
          );
          if (gradient === null) continue;
          check.compare(await handles.read(gradient), expected[2 + index]!, {
            measure: 'gradient',
            opClass: 'recurrent',
            what: `the gradient of ${name}`,
          });
        }
      }
    }
  } finally {
    handles.releaseAll();
  }
}

function backward(
  compiled: CompiledSegment,
  args: Pick<
    Parameters<CompiledSegment['backward']>[0],
    'params' | 'carry' | 'inputs' | 'constants' | 'mask' | 'reverse' | 'saved'
  >,
  [carryCotangent = null, outputCotangent = null]: readonly (Operand | null)[],
  [params = false, carry = false, inputs = false]: readonly boolean[],
): (Operand | null)[] {
  const gradients = compiled.backward({
    ...args,
    carryCotangents: [carryCotangent],
    outputCotangents: [outputCotangent],
    wants: { params: [params], carry: [carry], inputs: [inputs], constants: [] },
  });
  return [gradients.params[0] ?? null, gradients.carry[0] ?? null, gradients.inputs[0] ?? null];
}

/** Compiled segments as backends offer them, without core in between. */
export const segmentContractCases: readonly ConformanceCase[] = [
  defineCase(
    {
      name: 'segment: gradient, of every choice of inputs',
      group: 'scan',
      op: 'segment',
      kind: 'gradient',
      requires: { family: 'segment' },
    },
    checkContract,
  ),
];
