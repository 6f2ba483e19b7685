import { isFloat, sizeOf, type Argument, type ProgramData, type TensorType } from '../../backend/index.js';
import type { TracedEquation } from '../Program.js';
import { dependenceRules, type DependenceRule } from './dependenceRules.js';
import { ElementSets } from './ElementSets.js';

/** For every element of some inputs of a program, the results that depend on it: numbered through all outputs, one after the other. */
export interface Dependence {
  readonly sets: ElementSets;
  readonly inputs: readonly Int32Array[];
}

/**
 * Walks a program from its outputs back to its first `count` inputs, as a gradient does, with sets of results in place of numbers.
 * Never looks at values: what a result can depend on for some values, it does.
 */
export function dependenceOf({ inputs, equations, outputs }: ProgramData<TracedEquation>, count: number): Dependence {
  const types: readonly TensorType[] = [...inputs, ...equations];
  const typeOf = (x: Argument): TensorType =>
    'literal' in x ? { shape: [], dtype: x.dtype } : (types[x.variable] as TensorType);
  const sizes = outputs.map((output) => sizeOf(typeOf(output).shape));
  const sets = new ElementSets(sizes.reduce((total, size) => total + size, 0));
  const reach = new Array<Int32Array | null>(types.length).fill(null);
  const wanted = (x: Argument): boolean =>
    'variable' in x && isFloat(typeOf(x).dtype) && (x.variable < count || x.variable >= inputs.length);
  const add = (x: Argument, ids: Int32Array): void => {
    if (!wanted(x)) return;
    const { variable } = x as { variable: number };
    const before = reach[variable];
    reach[variable] = before ? before.map((id, element) => sets.union(id, ids[element] as number)) : ids;
  };
  let first = 0;
  outputs.forEach((output, index) => {
    const own = Int32Array.from({ length: sizes[index] as number }, (_, element) => sets.of([first + element]));
    add(output, own);
    first += own.length;
  });
  for (let index = equations.length - 1; index >= 0; index--) {
    const equation = equations[index] as TracedEquation;
    const own = reach[inputs.length + index];
    reach[inputs.length + index] = null;
    if (!own || equation.primitive === 'stopGradient') continue;
    const rule = dependenceRules[equation.primitive] as DependenceRule<unknown>;
    const { shape, attributes } = equation;
    const found = rule({
      sets,
      reach: own,
      shape,
      inputs: equation.inputs.map((x) => typeOf(x).shape),
      wants: equation.inputs.map(wanted),
      attributes,
    });
    equation.inputs.forEach((x, at) => {
      const ids = found[at];
      if (ids) add(x, ids);
    });
  }
  return {
    sets,
    inputs: inputs.slice(0, count).map(({ shape }, variable) => reach[variable] ?? new Int32Array(sizeOf(shape))),
  };
}
