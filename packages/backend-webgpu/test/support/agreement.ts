import { createBackend as createOracle } from '@tempograd/backend-js';
import { sizeOf } from '@tempograd/core/backend';
import type { Backend, Operand, Shape } from '@tempograd/core/backend';
import { afterAll, beforeAll, expect } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import { createBackend } from '../../src/index.js';
import type { WebGpuHandle } from '../../src/index.js';

/** A tensor to be: what is written to both backends. */
export interface Input {
  readonly shape: Shape;
  readonly dtype: 'f32' | 'i32';
  readonly values: ArrayLike<number>;
}

/** Ops under test, the same for each backend; float operands are f32 on the one and f64 on the other. */
export type Program = (backend: Backend, ...inputs: Operand[]) => readonly Operand[];

/** How near results must be: relative to each result's largest value, or to `floor` where that is larger. */
export interface Nearness {
  readonly tolerance?: number;
  readonly floor?: number;
}

const oracle = createOracle() as unknown as Backend;

/** A backend for the tests of a file, with poison; at the end nothing must be left on it. */
export function useGpu(): () => Backend {
  let gpu: Backend;
  beforeAll(async () => {
    gpu = await createBackend({ poison: true });
  });
  afterAll(() => {
    expect(gpu.memory().buffers).toBe(0);
    gpu.dispose?.();
  });
  return () => gpu;
}

/**
 * Runs the program on the GPU, on tensors of their own and on views into larger ones, and compares each with `expected`, by
 * default what the reference gives in f64. The same input gives the same bits every time.
 */
export async function expectAgreement(
  gpu: Backend,
  inputs: readonly Input[],
  program: Program,
  { tolerance = 1e-6, floor = 1e-3 }: Nearness = {},
  expected?: readonly ArrayLike<number>[],
): Promise<void> {
  const wanted = expected ?? (await runOn(oracle, inputs, program, (input) => write(oracle, input, 'f64')));
  const plain = await runOn(gpu, inputs, program, (input) => write(gpu, input, 'f32'));
  const again = await runOn(gpu, inputs, program, (input) => write(gpu, input, 'f32'));
  const views = await runOn(gpu, inputs, program, (input, index) => writeView(gpu, input, 2 * index + 1));
  for (const [which, results] of [plain, views].entries()) {
    expect(results.length).toBe(wanted.length);
    results.forEach((values, i) => {
      expectClose(values, wanted[i] as ArrayLike<number>, tolerance, floor, `${which ? 'of views, ' : ''}result ${i}`);
    });
  }
  expect(again, 'a second time').toEqual(plain);
}

async function runOn(
  backend: Backend,
  inputs: readonly Input[],
  program: Program,
  make: (input: Input, index: number) => Operand,
): Promise<ArrayLike<number>[]> {
  const operands = inputs.map(make);
  const results = program(backend, ...operands);
  const values = await Promise.all(results.map((x) => backend.read(x)));
  for (const { handle } of [...results, ...operands]) backend.release(handle);
  return values;
}

function write(backend: Backend, { shape, dtype, values }: Input, float: 'f32' | 'f64'): Operand {
  const exact = dtype === 'i32' ? Int32Array.from(values) : Float32Array.from(values);
  const type = dtype === 'i32' ? 'i32' : float;
  return { handle: backend.write(type === 'f64' ? Float64Array.from(exact) : exact, shape, type), shape, dtype: type };
}

/** The tensor as a view that begins `before` elements into another one. */
function writeView(gpu: Backend, { shape, dtype, values }: Input, before: number): Operand {
  const padding = Array.from({ length: before }, () => 77);
  const padded = { shape: [before + sizeOf(shape)], dtype, values: [...padding, ...Array.from(values)] };
  const { handle } = write(gpu, padded, 'f32');
  const view = engineOf(gpu).heap.view(handle as WebGpuHandle, before);
  gpu.release(handle);
  return { handle: view, shape, dtype };
}

function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  floor: number,
  title: string,
): void {
  expect(actual.length, title).toBe(expected.length);
  let scale = floor;
  for (let i = 0; i < expected.length; i++) {
    const size = Math.abs(expected[i] as number);
    if (Number.isFinite(size)) scale = Math.max(scale, size);
  }
  for (let i = 0; i < expected.length; i++) {
    const [x, y] = [expected[i] as number, actual[i] as number];
    const same = x === y || (Number.isNaN(x) && Number.isNaN(y));
    if (!same && !(Math.abs(x - y) <= tolerance * scale))
      expect.fail(`${title}[${i}] is ${y}, expected ${x} within ${tolerance} of ${scale}`);
  }
}

/** Numbers that look random and are the same in every run, in [−1, 1). */
export function numbers(size: number, seed: number): Float32Array {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 31 - 1;
  });
}

/** An f32 input of random numbers. */
export function floats(shape: Shape, seed: number, scale = 1): Input {
  return { shape, dtype: 'f32', values: numbers(sizeOf(shape), seed).map((x) => x * scale) };
}

/** An i32 input of random numbers in [first, end). */
export function integers(shape: Shape, seed: number, first: number, end: number): Input {
  const values = numbers(sizeOf(shape), seed);
  return { shape, dtype: 'i32', values: values.map((x) => Math.floor(first + ((x + 1) / 2.000001) * (end - first))) };
}
