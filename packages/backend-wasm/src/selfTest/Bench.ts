import { sizeOf } from '@tempograd/core/backend';
import type { DType, Operand, Shape } from '@tempograd/core/backend';
import { Engine } from '../engine/Engine.js';
import { makeMemory } from '../memory/LinearMemory.js';
import type { Handle } from '../memory/Storage.js';
import { opsOf } from '../ops/opsOf.js';
import type { WasmOps } from '../ops/opsOf.js';
import { digest } from './digest.js';

type X = Operand<Handle>;

/** All that the cases need together; no more than this is taken. */
const memoryBytes = 2 ** 26;

/** Numbers that functions are likeliest to get wrong: signs of zero, the least and the largest, what is none. */
const edges = [0, -0, 1e-45, -1e-39, 1e-38, 3.4e38, -3.4e38, Infinity, -Infinity, NaN, 1, -1, 0.5, 88.7, -104, 1e8];

/** Numbers that differ, as many as a loop makes at once that nothing has optimised; a prime, so that rows of tensors differ. */
const period = 1021;

/** Repeatable numbers in [−1, 1), more than any tensor has: a linear congruential generator with 32 bits of state, again and again. */
function makeNumbers(): Float32Array {
  const numbers = new Float32Array(period * 20);
  let state = 1;
  for (let i = 0; i < period; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    numbers[i] = state / 2 ** 31;
  }
  for (let at = period; at < numbers.length; at += period) numbers.copyWithin(at, 0, period);
  return numbers;
}

/** A build on a memory of its own, fed with the same numbers as every other, and a digest of what it has computed. */
export class Bench {
  readonly ops: WasmOps;
  readonly #engine: Engine;
  readonly #numbers: Float32Array = makeNumbers();
  #taken = 0;
  #digest = 0;

  constructor(module: WebAssembly.Module, shared: boolean) {
    const memory = makeMemory(memoryBytes, shared);
    const instance = new WebAssembly.Instance(module, { env: { memory: memory.memory } });
    this.#engine = new Engine(instance, memory, { pool: null, threads: 1, parallelFrom: Infinity, poison: false });
    this.ops = opsOf(this.#engine);
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

  /** Notes results. */
  note(...results: readonly (X | null)[]): void {
    for (const result of results) if (result !== null) this.#note(result);
  }

  /** As `note`, for an op that leaves its result's shape to the caller. */
  noteShaped(handle: Handle, shape: Shape, dtype: DType = 'f32'): void {
    this.note(this.tensor(handle, shape, dtype));
  }

  /** The digest of all that was noted since the last one was taken. */
  takeDigest(): number {
    const taken = this.#digest >>> 0;
    this.#digest = 0;
    return taken;
  }

  #note(x: X): void {
    const from = this.#engine.pointer(x) / 4;
    const bits = this.#engine.heap.memory.i32.subarray(from, from + sizeOf(x.shape));
    this.#digest = digest(bits, x.dtype === 'f32', this.#digest);
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
