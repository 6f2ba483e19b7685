import * as tg from '@tempograd/core';
import type { Place } from '../places.js';
import type { Program } from './Builder.js';

/** The program as a function of tensors. */
export const asFunction =
  ({ steps }: Program) =>
  (inputs: readonly tg.Tensor[]): tg.Tensor => {
    const values = [...inputs];
    for (const { args, apply } of steps) values.push(apply(...args.map((arg) => values[arg] as tg.Tensor)));
    return values.at(-1) as tg.Tensor;
  };

/** Numbers laid end to end as tensors of the program's inputs. */
export function writeInputs({ inputs }: Program, numbers: Float64Array, { backend, dtype }: Place): tg.Tensor[] {
  let from = 0;
  return inputs.map(({ shape, values }) => {
    const part = numbers.slice(from, from + values.length);
    from += values.length;
    return tg.fromArray(part, shape, { backend, dtype });
  });
}

/** The program's own inputs, end to end. */
export const inputNumbers = ({ inputs }: Program): Float64Array =>
  Float64Array.from(inputs.flatMap(({ values }) => values.map(({ v }) => v)));

/** What can be asked of a program on a backend; the word before the comma says what the answer must be. */
export type Question =
  | 'value'
  | 'value, with fused ops composed'
  | 'value, interpreted from its trace'
  | 'tangent'
  | 'gradient'
  | 'gradient, with fused ops composed'
  | 'second, a gradient of the gradient'
  | 'second, the gradient moved forward'
  | 'value, one row of two at once'
  | 'gradient, one row of two at once';

/** A program's function, where it is evaluated, and along which direction. */
export interface Asked {
  readonly fn: (xs: readonly tg.Tensor[]) => tg.Tensor;
  readonly x: readonly tg.Tensor[];
  readonly direction: readonly tg.Tensor[];
  /** Cotangent of the value. */
  readonly weights: tg.Tensor;
}

/** How each is answered. */
export const questions: Readonly<Record<Question, (asked: Asked) => readonly tg.Tensor[]>> = {
  value: ({ fn, x }) => [fn(x)],
  'value, with fused ops composed': ({ fn, x }) => [tg.withoutFusedOps(() => fn(x))],
  'value, interpreted from its trace': ({ fn, x }) => {
    using program = tg.trace((...xs: tg.Tensor[]) => fn(xs), ...x);
    return [tg.interpret(program, ...x)];
  },
  tangent: ({ fn, x, direction }) => [tg.jvp((xs: readonly tg.Tensor[]) => fn(xs), x, direction).tangent],
  gradient: (asked) => gradientOf(asked)(asked.x),
  'gradient, with fused ops composed': (asked) => tg.withoutFusedOps(() => gradientOf(asked)(asked.x)),
  'second, a gradient of the gradient': (asked) => {
    const along = (xs: readonly tg.Tensor[]): tg.Tensor =>
      gradientOf(asked)(xs)
        .map((g, index) => tg.sum(tg.mul(g, asked.direction[index] as tg.Tensor)))
        .reduce((sum, term) => tg.add(sum, term));
    return tg.grad(along)(asked.x);
  },
  'second, the gradient moved forward': (asked) => tg.jvp(gradientOf(asked), asked.x, asked.direction).tangent,
  'value, one row of two at once': ({ fn, x }) => [rowOf(tg.vmap(fn)(inTwoRows(x)))],
  'gradient, one row of two at once': (asked) => tg.vmap(gradientOf(asked))(inTwoRows(asked.x)).map(rowOf),
};

const gradientOf =
  ({ fn, weights }: Asked) =>
  (xs: readonly tg.Tensor[]): readonly tg.Tensor[] => {
    using pullback = tg.vjp((inner: readonly tg.Tensor[]) => fn(inner), xs).pullback;
    return pullback(weights);
  };

/** The inputs as the second row, beside others. */
const inTwoRows = (x: readonly tg.Tensor[]): tg.Tensor[] => x.map((leaf) => tg.stack([tg.mul(leaf, 0.5), leaf]));

const rowOf = (x: tg.Tensor): tg.Tensor => tg.row(x, 1);
