import {
  gateCount,
  sizeOf,
  type DType,
  type RecurrentArgs,
  type RecurrentBackwardArgs,
  type RecurrentBackwardResult,
  type RecurrentForwardResult,
} from '@tempograd/core/backend';
import type { JsHandle } from '../src/index.js';
import { tensor, valuesOf, type Js, type JsTensor } from './helpers.js';
import type { Part, Problem, Values } from './naiveRecurrent.js';

export type Wants = RecurrentBackwardArgs['wants'];
export const allWanted: Wants = { input: true, carry: true, weights: true, delta: true };

export function argsOf(js: Js, problem: Problem, values: Values, dtype: DType = 'f64'): RecurrentArgs<JsHandle> {
  const { cell, steps, batch, inputs, hidden, reverse, bias, mask } = problem;
  const width = gateCount[cell] * hidden;
  const make = (part: Part, ...shape: number[]) => tensor(js, values[part], shape, dtype);
  return {
    cell,
    reverse,
    input: make('input', steps, batch, inputs),
    carry: cell === 'lstm' ? [make('h0', batch, hidden), make('c0', batch, hidden)] : [make('h0', batch, hidden)],
    weightIh: make('weightIh', width, inputs),
    weightHh: make('weightHh', width, hidden),
    biasIh: bias ? make('biasIh', width) : null,
    biasHh: bias ? make('biasHh', width) : null,
    mask: mask === null ? null : tensor(js, mask, [steps, batch], 'i32'),
  };
}

export function releaseArgs(js: Js, args: RecurrentArgs<JsHandle>): void {
  const { input, carry, weightIh, weightHh, biasIh, biasHh, mask } = args;
  releaseAll(js, [input, ...carry, weightIh, weightHh, biasIh, biasHh, mask]);
}

export function releaseForward(js: Js, { output, carry, saved }: RecurrentForwardResult<JsHandle>): void {
  releaseAll(js, [output, ...carry, ...(saved ?? [])]);
}

export function releaseAll(js: Js, xs: readonly (JsTensor | null)[]): void {
  for (const x of xs) if (x !== null) js.release(x.handle);
}

/** The values of every gradient, null where none came back; their handles are released. */
export function takeGradients(
  js: Js,
  result: RecurrentBackwardResult<JsHandle>,
): Record<Part | 'delta', number[] | null> {
  const { input, carry, weightIh, weightHh, biasIh, biasHh, delta } = result;
  const parts = { input, h0: carry?.[0] ?? null, c0: carry?.[1] ?? null, weightIh, weightHh, biasIh, biasHh, delta };
  const values = Object.entries(parts).map(([part, x]) => {
    if (x !== null && sizeOf(x.shape) !== x.handle.data.length) throw new Error(`${part}: shape and storage differ`);
    return [part, x === null ? null : valuesOf(js, x)];
  });
  releaseAll(js, Object.values(parts));
  return Object.fromEntries(values) as Record<Part | 'delta', number[] | null>;
}
