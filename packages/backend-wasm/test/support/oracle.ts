import { createBackend } from '@tempograd/backend-js';
import { sizeOf, type Backend, type DType, type Operand, type Shape } from '@tempograd/core/backend';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Wasm } from './variants.js';

/** A tensor to be: what is written to both backends. */
export interface Input {
  readonly shape: Shape;
  readonly dtype: 'f32' | 'i32';
  readonly values: ArrayLike<number>;
}

/** An op's result, or null where it gives none. */
export type Output = Operand | null;

/** Ops under test, the same for each backend; float operands are f32 on the one and f64 on the other. */
export type Program = (backend: Backend, ...inputs: Operand[]) => readonly Output[];

const oracle = createBackend() as unknown as Backend;

/**
 * Runs the program on the backend and on the reference in f64, compares the results, and that nothing is left over.
 * The tolerance is relative to each result's largest value, or to `floor` where that is larger: sums that cancel have an
 * error that goes with their terms.
 */
export function expectAgreement(
  wasm: Wasm,
  inputs: readonly Input[],
  program: Program,
  tolerance = 1e-6,
  floor = 1e-3,
): void {
  const expected = resultsOf(inputs, program);
  expectResults(wasm, inputs, program, expected, tolerance, floor);
}

/** What the program gives on the reference in f64: for `expectResults`, where several backends are held to it. */
export function resultsOf(inputs: readonly Input[], program: Program): (Float64Array | null)[] {
  return runOn(oracle, inputs, 'f64', program);
}

/** As `expectAgreement`, with results that are known. */
export function expectResults(
  wasm: Wasm,
  inputs: readonly Input[],
  program: Program,
  expected: readonly (ArrayLike<number> | null)[],
  tolerance = 1e-6,
  floor = 1e-3,
): void {
  const before = wasm.memory().buffers;
  const actual = runOn(wasm, inputs, 'f32', program);
  expect(actual.length).toBe(expected.length);
  expected.forEach((values, i) => {
    const exact = values === null ? null : new Float64Array(values);
    expectClose(actual[i] ?? null, exact, { tolerance, floor }, `result ${i}`);
  });
  expect(wasm.memory().buffers).toBe(before);
}

function runOn(backend: Backend, inputs: readonly Input[], float: DType, program: Program): (Float64Array | null)[] {
  const operands = inputs.map(({ shape, dtype, values }) => {
    const type = dtype === 'i32' ? 'i32' : float;
    const exact = dtype === 'i32' ? new Int32Array(values) : new Float32Array(values);
    const data = type === 'f64' ? new Float64Array(exact) : exact;
    return { handle: backend.write(data, shape, type), shape, dtype: type };
  });
  const results = program(backend, ...operands);
  const values = results.map((x) => (x === null ? null : new Float64Array(backend.readSync!(x))));
  for (const result of results) if (result !== null) backend.release(result.handle);
  for (const operand of operands) backend.release(operand.handle);
  return values;
}

function expectClose(
  actual: Float64Array | null,
  expected: Float64Array | null,
  { tolerance, floor }: { readonly tolerance: number; readonly floor: number },
  title: string,
): void {
  if (actual === null || expected === null) {
    expect(actual, title).toBe(expected);
    return;
  }
  expect(actual.length, title).toBe(expected.length);
  const scale = expected.reduce((largest, x) => (Number.isFinite(x) ? Math.max(largest, Math.abs(x)) : largest), floor);
  expected.forEach((x, i) => {
    const y = actual[i] as number;
    const same = Object.is(x, y) || x === y || (Number.isNaN(x) && Number.isNaN(y));
    // What overflows f32 is infinite there.
    const overflows = Math.abs(x) > 3.4028235e38 && Math.abs(y) === Infinity && Math.sign(x) === Math.sign(y);
    if (same || overflows || Math.abs(x - y) <= tolerance * scale) return;
    expect.fail(`${title}[${i}] is ${y}, expected ${x} within ${tolerance} of ${scale}`);
  });
}

/** Numbers that look random and are the same in every run, in [−1, 1]. */
export function numbers(size: number, seed: number): Float32Array {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
    values[i] = ((state ^ (state >>> 13)) >>> 0) / 2 ** 31 - 1;
  }
  return values;
}

/** An f32 input of random numbers. */
export function floats(shape: Shape, seed: number, scale = 1): Input {
  return { shape, dtype: 'f32', values: numbers(sizeOf(shape), seed).map((x) => x * scale) };
}

/** An i32 input of random numbers in [from, to). */
export function integers(shape: Shape, seed: number, from: number, to: number): Input {
  const values = numbers(sizeOf(shape), seed);
  return { shape, dtype: 'i32', values: values.map((x) => Math.floor(from + ((x + 1) / 2.000001) * (to - from))) };
}

export const shapes = (maxRank = 4, maxLength = 6): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max: maxLength }), { maxLength: maxRank });

/** A shape that broadcasts to `full`: some axes of length 1, some leading ones missing. */
export const stretchable = (full: Shape): fc.Arbitrary<number[]> =>
  fc
    .record({
      ones: fc.array(fc.boolean(), { minLength: full.length, maxLength: full.length }),
      drop: fc.nat(full.length),
    })
    .map(({ ones, drop }) => full.map((length, axis) => (ones[axis] ? 1 : length)).slice(drop));

export const axesOf = (shape: Shape): fc.Arbitrary<number[]> => fc.subarray([...shape.keys()]);
