import { sizeOf } from '@tempograd/core/backend';
import type { DType, Operand, Shape, TypedArray } from '@tempograd/core/backend';
import { Engine } from '../engine/Engine.js';
import { makeMemory } from '../memory/LinearMemory.js';
import type { Handle } from '../memory/Storage.js';
import { opsOf } from '../ops/opsOf.js';
import type { WasmOps } from '../ops/opsOf.js';

type X = Operand<Handle>;

/** All that the cases need together; no more than this is taken. */
const memoryBytes = 2 ** 26;

/** Numbers that functions are likeliest to get wrong: signs of zero, the least and the largest, what is none. */
const edges = [0, -0, 1e-45, -1e-39, 1e-38, 3.4e38, -3.4e38, Infinity, -Infinity, NaN, 1, -1, 0.5, 88.7, -104, 1e8];

/** Repeatable numbers in [−1, 1), more than any tensor has: a linear congruential generator with 32 bits of state. */
export function makeNumbers(): Float32Array {
  const numbers = new Float32Array(2 ** 13);
  let state = 1;
  for (let i = 0; i < numbers.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    numbers[i] = state / 2 ** 31;
  }
  return numbers;
}

/** A build on a memory of its own, fed with the same numbers as every other, and what it has computed. */
export class Bench {
  readonly ops: WasmOps;
  readonly results: TypedArray[] = [];
  readonly #numbers: Float32Array;
  #taken = 0;

  constructor(module: WebAssembly.Module, shared: boolean, numbers: Float32Array) {
    const memory = makeMemory(memoryBytes, shared);
    const instance = new WebAssembly.Instance(module, { env: { memory: memory.memory } });
    const settings = { pool: null, threads: 1, parallelFrom: Infinity, poison: false };
    this.ops = opsOf(new Engine(instance, memory, settings));
    this.#numbers = numbers;
  }

  /** A tensor of numbers in [−1, 1). */
  floats(...shape: number[]): X {
    return this.#write(this.#take(sizeOf(shape)), shape, 'f32');
  }

  /** A tensor of whole numbers from 0 to `below`. */
  integers(below: number, ...shape: number[]): X {
    const data = Int32Array.from(this.#take(sizeOf(shape)), (value) => (value + 1) * 0.5 * below);
    return this.#write(data, shape, 'i32');
  }

  /** Edge cases among ordinary numbers of either sign, up to `scale`. */
  edges(length: number, scale = 12): X {
    const data = this.#take(length).map((value, i) => edges[i % 37] ?? value * scale);
    return this.#write(data, [length], 'f32');
  }

  /** The result of an op, as a tensor. */
  tensor(handle: Handle, shape: Shape, dtype: DType = 'f32'): X {
    return { handle, shape, dtype };
  }

  /** Notes results, to be compared. */
  note(...results: readonly (X | null)[]): void {
    for (const result of results) if (result !== null) this.results.push(this.ops.readSync(result));
  }

  /** As `note`, for an op that leaves its result's shape to the caller. */
  noteShaped(handle: Handle, shape: Shape, dtype: DType = 'f32'): void {
    this.note(this.tensor(handle, shape, dtype));
  }

  #write(data: Float32Array | Int32Array, shape: Shape, dtype: DType): X {
    return this.tensor(this.ops.write(data, shape, dtype), shape, dtype);
  }

  /** The next numbers, from the first one again where they end. */
  #take(count: number): Float32Array {
    if (this.#taken + count > this.#numbers.length) this.#taken = 0;
    this.#taken += count;
    return this.#numbers.subarray(this.#taken - count, this.#taken);
  }
}
