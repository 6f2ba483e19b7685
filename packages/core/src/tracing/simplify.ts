import { sameShape, type Argument, type Equation, type ProgramData, type TensorType } from '../backend/index.js';
import type { TracedEquation } from './Program.js';
import type { Recorded, RecordedConstant } from './Recorder.js';

/** A function as it was written down; its first variables are its inputs. */
export interface Recording {
  readonly inputs: readonly TensorType[];
  readonly constants: readonly RecordedConstant[];
  readonly equations: readonly Recorded[];
  readonly outputs: readonly Argument[];
}

/** What is left of a recording. */
export interface Simplified {
  /** Over the inputs, then the constants that are left. */
  readonly data: ProgramData<TracedEquation>;
  readonly constants: readonly RecordedConstant[];
}

/**
 * The same function, bit for bit, without equations that nothing depends on, that repeat another, or that only rename.
 * Nothing is computed and no order of arithmetic is changed.
 */
export function simplify(recording: Recording): Simplified {
  const { equations, resolve } = withoutRepetition(recording);
  const outputs = recording.outputs.map(resolve);
  const live = liveVariables(equations, outputs);
  const constants = recording.constants.filter(({ variable }) => live.has(variable));
  const kept = equations.filter(({ output }) => live.has(output));
  const order = [
    ...recording.inputs.keys(),
    ...constants.map(({ variable }) => variable),
    ...kept.map(({ output }) => output),
  ];
  const numbers = new Map(order.map((variable, index) => [variable, index]));
  const renumber = (x: Argument): Argument => ('literal' in x ? x : { variable: numbers.get(x.variable) as number });
  const data = {
    inputs: [...recording.inputs, ...constants].map(({ shape, dtype }) => ({ shape, dtype })),
    equations: kept.map(({ output: _, ...equation }) => ({ ...equation, inputs: equation.inputs.map(renumber) })),
    outputs: outputs.map(renumber),
  };
  return { data, constants };
}

/** Equations with every argument named by the first variable that has its value. */
function withoutRepetition({ equations, inputs, constants }: Recording) {
  const renamed = new Map<number, Argument>();
  const seen = new Map<string, number>();
  const makers = new Map<number, Recorded>();
  const types = new Map<number, TensorType>([
    ...inputs.map((type, variable): [number, TensorType] => [variable, type]),
    ...constants.map((constant): [number, TensorType] => [constant.variable, constant]),
  ]);
  const resolve = (x: Argument): Argument => ('literal' in x ? x : (renamed.get(x.variable) ?? x));
  const left: Recorded[] = [];
  for (const given of equations) {
    const equation = throughReshapes({ ...given, inputs: given.inputs.map(resolve) }, makers);
    const { output } = equation;
    const [first] = equation.inputs as [Argument];
    const key = keyOf(equation);
    const before = seen.get(key);
    if (onlyRenames(equation, first, makers, types)) renamed.set(output, first);
    else if (before !== undefined) renamed.set(output, { variable: before });
    else {
      seen.set(key, output);
      makers.set(output, equation);
      types.set(output, equation);
      left.push(equation);
    }
  }
  return { equations: left, resolve };
}

/** A reshape of a reshape is a reshape of what the first one had. */
function throughReshapes(equation: Recorded, makers: ReadonlyMap<number, Recorded>): Recorded {
  const [first] = equation.inputs as [Argument];
  const maker = 'variable' in first ? makers.get(first.variable) : undefined;
  if (equation.primitive !== 'reshape' || maker?.primitive !== 'reshape') return equation;
  return { ...equation, inputs: maker.inputs };
}

/** Whether the result is the first input under another number. */
function onlyRenames(
  { primitive, shape, dtype }: Recorded,
  input: Argument,
  makers: ReadonlyMap<number, Recorded>,
  types: ReadonlyMap<number, TensorType>,
): boolean {
  if (primitive === 'stopGradient') {
    return 'literal' in input || dtype === 'i32' || makers.get(input.variable)?.primitive === 'stopGradient';
  }
  if (primitive !== 'reshape' && primitive !== 'broadcast') return false;
  return 'variable' in input && sameShape((types.get(input.variable) as TensorType).shape, shape);
}

function liveVariables(equations: readonly Recorded[], outputs: readonly Argument[]): Set<number> {
  const live = new Set<number>();
  const mark = (x: Argument): void => void ('variable' in x && live.add(x.variable));
  outputs.forEach(mark);
  for (const { output, inputs } of equations.toReversed()) if (live.has(output)) inputs.forEach(mark);
  return live;
}

/** Equal for equations that compute the same from the same. */
function keyOf({ primitive, inputs, attributes, shape, dtype }: Recorded): string {
  return exactJson([primitive, inputs, attributes, shape, dtype]);
}

/** Plain data as text, equal only for equal data: JSON has neither NaN nor −0, so numbers are written out. */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_, child: unknown) =>
    typeof child === 'number' ? (Object.is(child, -0) ? '-0' : String(child)) : child,
  );
}

/** The same function without `stopGradient`, for those who do not differentiate it. */
export function plainData({ inputs, equations, outputs }: ProgramData<TracedEquation>): ProgramData {
  const recorded = equations.map((equation, index) => ({ ...equation, output: inputs.length + index }));
  const renamed = new Map<number, Argument>();
  const resolve = (x: Argument): Argument => ('literal' in x ? x : (renamed.get(x.variable) ?? x));
  const kept = recorded.flatMap((equation): Recorded<Equation>[] => {
    const resolved = { ...equation, inputs: equation.inputs.map(resolve) };
    if (resolved.primitive !== 'stopGradient') return [resolved];
    renamed.set(equation.output, resolved.inputs[0] as Argument);
    return [];
  });
  return simplify({ inputs, constants: [], equations: kept, outputs: outputs.map(resolve) }).data as ProgramData;
}
