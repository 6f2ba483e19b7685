import { availableBuilds, type Build } from '@tempograd/backend-wasm';
import { compileHere } from '../support/compileHere.js';

/** The builds, as the build script writes them: wide vectors compute the same where the engine does not join them. */
export const builds: readonly Build[] = availableBuilds().includes('relaxed') ? ['simd', 'relaxed', 'wide'] : ['simd'];

type Task = (args: number, part: number, parts: number, scratch: number) => void;

/** One instance of the kernels with a memory of its own, whose every byte is a NaN until it is written. */
export class Kernels {
  readonly memory: WebAssembly.Memory;
  readonly exports: Record<string, (...args: number[]) => number>;
  #top: number;

  constructor(module: WebAssembly.Module, bytes: number) {
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536), maximum: 65536 });
    this.exports = new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports as typeof this.exports;
    this.#top = this.memory.buffer.byteLength;
    this.reset();
  }

  /** Forgets all allocations, and poisons what they took: the rest is poisoned still. */
  reset(): void {
    const used = this.#top;
    this.#top = (this.#call('heapBase')() + 63) & ~63;
    new Uint8Array(this.memory.buffer, this.#top, used - this.#top).fill(0xff);
  }

  /** A new block; `misalign` bytes past a multiple of 64. */
  allocate(bytes: number, misalign = 0): number {
    const at = this.#top + misalign;
    this.#top = (at + bytes + 64 + 63) & ~63;
    if (this.#top > this.memory.buffer.byteLength) throw new Error(`the test's memory is too small for ${bytes} bytes`);
    return at;
  }

  /** Copies numbers into a new block. */
  put(data: Float32Array | Int32Array, misalign = 0): number {
    const at = this.allocate(data.byteLength, misalign);
    new Uint8Array(this.memory.buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    return at;
  }

  /** A view of floats. */
  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }

  /** Runs all parts of a task, last part first, each with poisoned scratch that must not be overrun. */
  run(task: string, args: readonly number[], parts: number): void {
    const block = this.put(Int32Array.from(args));
    const bytes = this.exports[`${task}ScratchBytes`]?.(block, parts) ?? 0;
    const scratch = this.allocate(bytes + 64);
    const guard = new Uint32Array(this.memory.buffer, (scratch + bytes + 3) & ~3, 8);
    for (let part = parts - 1; part >= 0; part--) {
      new Uint8Array(this.memory.buffer, scratch, bytes).fill(0xff);
      guard.fill(poison);
      (this.#call(task) as Task)(block, part, parts, scratch);
      if (guard.some((word) => word !== poison)) throw new Error(`${task} wrote past its ${bytes} bytes of scratch`);
    }
  }

  #call(name: string): (...args: number[]) => number {
    const found = this.exports[name];
    if (found === undefined) throw new Error(`the build exports no ${name}`);
    return found;
  }
}

const poison = 0xffffffff;

/** Instantiates a build with `megabytes` of memory. */
export async function loadKernels(build: Build, megabytes = 16): Promise<Kernels> {
  return new Kernels(await compileHere(build), megabytes * 2 ** 20);
}

/** A repeatable source of numbers in [−1, 1) (a linear congruential generator with 32 bits of state). */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** `length` numbers of `random`, as f32. */
export function randomFloats(length: number, random: () => number): Float32Array {
  return Float32Array.from({ length }, random);
}
