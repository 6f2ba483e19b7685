import { createBackend as createOracle } from '@tempograd/backend-js';
import type { Backend, DType } from '@tempograd/core/backend';
import { expect } from 'vitest';
import type { Input, Program } from './agreement.js';

const oracle = createOracle() as unknown as Backend;

/** Runs the program on the backend and on the reference in f64; no element may be off by more than `ulps`, and nothing may be left over. */
export async function expectUlps(
  backend: Backend,
  inputs: readonly Input[],
  program: Program,
  ulps = 0,
): Promise<void> {
  const before = backend.memory().buffers;
  const [expected, actual] = await Promise.all([
    runOn(oracle, inputs, 'f64', program),
    runOn(backend, inputs, 'f32', program),
  ]);
  expect(actual.length).toBe(expected.length);
  expected.forEach((values, number) => expectClose(actual[number] as Float64Array, values, ulps, `result ${number}`));
  expect(backend.memory().buffers).toBe(before);
}

async function runOn(
  backend: Backend,
  inputs: readonly Input[],
  float: DType,
  program: Program,
): Promise<Float64Array[]> {
  const operands = inputs.map(({ shape, dtype, values }) => {
    const type = dtype === 'i32' ? 'i32' : float;
    const exact = dtype === 'i32' ? Int32Array.from(values) : Float32Array.from(values);
    const data = type === 'f64' ? Float64Array.from(exact) : exact;
    return { handle: backend.write(data, shape, type), shape, dtype: type };
  });
  const results = program(backend, ...operands);
  const values = await Promise.all(results.map(async (x) => Float64Array.from(await backend.read(x))));
  for (const { handle } of [...results, ...operands]) backend.release(handle);
  return values;
}

function expectClose(actual: Float64Array, expected: Float64Array, ulps: number, title: string): void {
  expect(actual.length, title).toBe(expected.length);
  expected.forEach((want, i) => {
    const have = actual[i] as number;
    if (isClose(have, want, ulps)) return;
    expect.fail(`${title}[${i}] is ${have}, expected ${want} within ${ulps} ulp`);
  });
}

/** Whether an f32 is as close to an exact number; numbers that are no normal ones may be 0, and the largest infinite. */
export function isClose(have: number, want: number, ulps: number): boolean {
  if (have === want || (Number.isNaN(have) && Number.isNaN(want))) return true;
  if (Math.abs(want) > largest && Math.abs(have) > largest) return Math.sign(have) === Math.sign(want);
  if (ulps === 0) return false;
  return Math.abs(have - want) <= Math.max(ulps * ulp(want), smallestNormal);
}

const largest = 3.4028234e38 * (1 - 1e-6);
const smallestNormal = 2 ** -126;

const scratch = new Float32Array(1);
const bits = new Int32Array(scratch.buffer);

/** Distance between a float and its neighbour away from zero; that of the smallest normal number below it. */
export function ulp(value: number): number {
  scratch[0] = value;
  const exponent = ((bits[0] as number) >>> 23) & 255;
  return 2 ** (Math.max(exponent, 1) - 150);
}
