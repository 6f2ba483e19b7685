import type { Program } from './Builder.js';
import { constant, type Hyper } from './Hyper.js';
import type { HyperArray } from './HyperArray.js';

/** Numbers, and the largest that any step of the program had on the way to them. */
export interface Expected {
  readonly numbers: Float64Array;
  readonly scale: number;
}

/** What a program and its derivatives must be, exact but for rounding in f64. */
export interface Reference {
  /** Of the value. */
  readonly shape: readonly number[];
  readonly value: Expected;
  /** Derivative of the value along the direction. */
  readonly tangent: Expected;
  /** Gradient of `L = Σ weights·value` by all inputs, end to end. */
  readonly gradient: Expected;
  /** Derivative of that gradient along the direction. */
  readonly second: Expected;
}

/**
 * Runs a program on the host by numbers that know their derivatives, once for each element of its inputs: no differentiation, no
 * backend and nothing of the library is used.
 */
export function reference(program: Program, weights: Float64Array, direction: Float64Array): Reference {
  const gradient = new Float64Array(direction.length);
  const second = new Float64Array(direction.length);
  const scales = { v: 1, a: 1, b: 1, ab: 1 };
  let result: HyperArray = { shape: [], values: [] };
  for (let element = 0; element < direction.length; element++) {
    result = run(program, direction, element, scales);
    result.values.forEach(({ a, ab }, index) => {
      gradient[element] = gradient[element]! + weights[index]! * a;
      second[element] = second[element]! + weights[index]! * ab;
    });
  }
  const numbers = (part: keyof Hyper): Float64Array => Float64Array.from(result.values, (x) => x[part]);
  return {
    shape: result.shape,
    value: { numbers: numbers('v'), scale: scales.v },
    tangent: { numbers: numbers('b'), scale: scales.b },
    gradient: { numbers: gradient, scale: scales.a },
    second: { numbers: second, scale: scales.ab },
  };
}

function run(
  { inputs, steps }: Program,
  direction: Float64Array,
  element: number,
  scales: Record<keyof Hyper, number>,
): HyperArray {
  let next = 0;
  const values: HyperArray[] = inputs.map(({ shape, values: given }) => ({
    shape,
    values: given.map(({ v }) => ({ ...constant(v), a: Number(next === element), b: direction[next++] as number })),
  }));
  for (const { args, form } of steps) {
    const value = form(
      args.map((arg) => values[arg] as HyperArray),
      () => {},
    );
    for (const x of value.values) {
      for (const part of ['v', 'a', 'b', 'ab'] as const) scales[part] = Math.max(scales[part], Math.abs(x[part]));
    }
    values.push(value);
  }
  return values.at(-1)!;
}

/** How many numbers a program's inputs are. */
export const inputCount = ({ inputs }: Program): number => inputs.reduce((sum, { values }) => sum + values.length, 0);
