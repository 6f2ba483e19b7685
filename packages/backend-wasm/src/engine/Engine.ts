import { BackendError, LifetimeError } from '@tempograd/core/backend';
import type { DType, Operand, OperandOrNumber, Scalar } from '@tempograd/core/backend';
import { Heap } from '../memory/Heap.js';
import type { LinearMemory } from '../memory/LinearMemory.js';
import type { Handle } from '../memory/Storage.js';
import { controlBytes, taskArgs, taskLiterals } from '../threads/control.js';
import type { Task } from '../threads/control.js';
import type { ArgumentBlocks, Pool } from '../threads/Pool.js';
import type { KernelName, ScratchKernelName, SizeName } from './kernelNames.js';

type X = Operand<Handle>;

/** How an engine computes. */
export interface EngineSettings {
  readonly pool: Pool | null;
  readonly threads: number;
  /** Work that takes one thread less than this, in nanoseconds, is not shared out. */
  readonly parallelFrom: number;
  readonly poison: boolean;
}

/** What `run` may be told of a kernel's needs. */
export interface RunOptions {
  /** Parts to cut the work into; 1 where nothing is said. */
  readonly parts?: number;
  /** Scratch of part 0. */
  readonly scratch?: number;
  /** Bytes from each part's scratch to the next one's. */
  readonly scratchStride?: number;
  /** Steps of a kernel that has such: all parts of one are done before the next one's begin. */
  readonly steps?: number;
}

/** The kernels on their memory, the argument block they read, and the threads that run them. */
export class Engine {
  readonly heap: Heap;
  readonly #threads: number;
  readonly #parallelFrom: number;
  readonly #exports: Readonly<Record<string, unknown>>;
  readonly #numbers: Readonly<Record<string, number>>;
  readonly #args: number;
  readonly #literals: number;
  readonly #pool: Pool | null;
  #disposed = false;

  constructor(instance: WebAssembly.Instance, memory: LinearMemory, settings: EngineSettings) {
    const control = controlStart(instance);
    this.heap = new Heap(memory, control + controlBytes, settings.poison);
    this.#threads = settings.threads;
    this.#parallelFrom = settings.parallelFrom;
    this.#exports = instance.exports;
    this.#numbers = Object.fromEntries(Object.keys(instance.exports).map((name, number) => [name, number]));
    this.#args = control + taskArgs * 4;
    this.#literals = control + taskLiterals * 4;
    this.#pool = settings.pool;
  }

  /** Address of a tensor's first element. */
  pointer(x: X): number {
    const { handle } = x;
    if (handle.storage === null) throw new LifetimeError('An operand was released already.');
    return handle.pointer;
  }

  /** Address of a tensor's first element, or of a number as one element of `dtype`, the call's literal number `slot` (0 to 3). */
  pointerOrLiteral(x: OperandOrNumber<Handle>, dtype: DType, slot: number): number {
    if (typeof x !== 'number') return this.pointer(x);
    const { i32, f32 } = this.heap.memory;
    const address = this.#literals + slot * 4;
    (dtype === 'i32' ? i32 : f32)[address >>> 2] = x;
    return address;
  }

  /** A number, or what a scalar on this memory holds now. */
  numberOf(x: Scalar<Handle>): number {
    return typeof x === 'number' ? x : (this.heap.memory.f32[this.pointer(x) >>> 2] as number);
  }

  /** Address of a tensor that is to be overwritten: its own from now on, whoever shared its storage keeps the old values. */
  ownPointer(x: X): number {
    const { handle } = x;
    this.heap.own(handle, x.shape);
    return handle.pointer;
  }

  /** Writes the argument block's first words as integers. */
  setWords(...words: readonly number[]): void {
    const { i32 } = this.heap.memory;
    const base = this.#args >>> 2;
    for (let i = 0; i < words.length; i++) i32[base + i] = words[i] as number;
  }

  /** Writes one word as an integer. */
  setWord(number: number, value: number): void {
    this.heap.memory.i32[(this.#args >>> 2) + number] = value;
  }

  /** Writes the words from number `first` on as floats. */
  setFloats(first: number, ...values: readonly number[]): void {
    const { f32 } = this.heap.memory;
    const base = (this.#args >>> 2) + first;
    for (let i = 0; i < values.length; i++) f32[base + i] = values[i] as number;
  }

  /** Parts for work of about so many nanoseconds: one where waking the other threads would cost more than it saves. */
  partsFor(nanoseconds: number): number {
    return this.#pool === null || nanoseconds < this.#parallelFrom ? 1 : this.#threads;
  }

  /** What a kernel's function beside it says of its needs, in bytes: of the argument block, and of `parts` where that matters. */
  bytesOf(name: SizeName, parts = 1): number {
    return (this.#exports[name] as (args: number, parts: number) => number)(this.#args, parts);
  }

  /** Runs a kernel on the argument block; returns when it is done. */
  run(name: KernelName, options: RunOptions = {}): void {
    this.assertUsable();
    const { parts = 1, scratch = 0, scratchStride = 0, steps = 0 } = options;
    if (parts > 1 && this.#pool !== null) {
      this.#pool.run(this.#numbers[name] as number, parts, scratch, scratchStride, undefined, steps);
      return;
    }
    const task = this.#exports[name] as Task;
    for (let step = 0; step < Math.max(steps, 1); step++) task(this.#args, 0, 1, scratch, step);
  }

  /** Runs a kernel that needs no scratch on several blocks of arguments, in one task, which a thread goes through in their order. */
  runBlocks(name: KernelName, blocks: ArgumentBlocks, parts: number): void {
    this.assertUsable();
    if (parts > 1 && this.#pool !== null) return this.#pool.run(this.#numbers[name] as number, parts, 0, 0, blocks);
    const { at, stride, count } = blocks;
    const kernel = this.#exports[name] as Task;
    for (let n = 0; n < count; n++) kernel(at + n * stride, 0, 1, 0, 0);
  }

  /** Runs a kernel whose parts need scratch, on the argument block. */
  runWithScratch(name: ScratchKernelName, parts: number): void {
    const scratchStride = Math.ceil(this.bytesOf(`${name}ScratchBytes`, parts) / 64) * 64;
    this.run(name, { parts, scratch: this.heap.scratch(scratchStride * parts), scratchStride });
  }

  /** @throws BackendError after `dispose` */
  assertUsable(): void {
    if (this.#disposed) throw new BackendError('This wasm backend was disposed of; make a new one.');
  }

  dispose(): void {
    this.#disposed = true;
    this.#pool?.dispose();
  }
}

/** Where the control region lies: after the kernels' constants. */
export function controlStart(instance: WebAssembly.Instance): number {
  const { heapBase } = instance.exports as { heapBase: () => number };
  return Math.ceil(heapBase() / 64) * 64;
}
