import {
  bytesPerElement,
  DTypeError,
  LifetimeError,
  OutOfMemoryError,
  formatShape,
  sizeOf,
} from '@tempograd/core/backend';
import type { DType, MemoryInfo, Shape } from '@tempograd/core/backend';
import { BlockAllocator } from './BlockAllocator.js';
import type { Block } from './BlockAllocator.js';
import type { LinearMemory } from './LinearMemory.js';
import { granule } from './sizeClass.js';
import { Handle } from './Storage.js';
import type { Storage } from './Storage.js';

/** A quiet NaN that is easy to recognise; what new storage is filled with when poisoned. */
const poisonBits = 0x7fc0dead;

/** No block reaches the last byte that 32 bits address: the address behind its end would be 0. */
const lastAddress = 2 ** 32 - granule;

/** Tensors' storage in the linear memory, counted, and the scratch that kernels borrow. */
export class Heap {
  readonly memory: LinearMemory;
  readonly #poison: boolean;
  readonly #allocator: BlockAllocator;
  /** The latest of all that are live, and how many these are: a set would cost more than small ops compute. */
  #latest: Storage | null = null;
  #buffers = 0;
  /** What the op that is attempted has made; null where none is. */
  #made: Handle[] | null = null;
  #scratch: Block | null = null;
  #bytes = 0;
  #peakBytes = 0;

  /** Uses all of `memory` from byte `begin` on; with `poison`, new storage is filled with NaN. */
  constructor(memory: LinearMemory, begin: number, poison: boolean) {
    this.memory = memory;
    this.#poison = poison;
    this.#allocator = new BlockAllocator(begin, memory.bytes, (bytes) => {
      if (bytes > lastAddress || !memory.grow(bytes)) return false;
      this.#allocator.extendTo(Math.min(memory.bytes, lastAddress));
      return true;
    });
  }

  /** Runs an op; where it throws, what it had made by then is given back first. */
  attempt<A, B, C, D, E, R>(op: (a: A, b: B, c: C, d: D, e: E) => R, a: A, b: B, c: C, d: D, e: E): R {
    const made: Handle[] = [];
    this.#made = made;
    try {
      return op(a, b, c, d, e);
    } catch (error) {
      for (const handle of made) if (handle.storage !== null) this.release(handle);
      throw error;
    } finally {
      this.#made = null;
    }
  }

  /**
   * New storage for a tensor, its content undefined.
   * @throws DTypeError for f64
   * @throws OutOfMemoryError where the memory cannot grow that far
   */
  allocate(shape: Shape, dtype: DType): Handle {
    if (dtype === 'f64') {
      throw new DTypeError(
        'The wasm backend computes in f32 and i32, f64 was asked for. ' +
          'Use f32 here, or take the reference backend for f64: useBackend(createBackend()) of @tempograd/backend-js.',
      );
    }
    return this.#handle(this.#store(shape, dtype));
  }

  #store(shape: Shape, dtype: 'f32' | 'i32'): Storage {
    const bytes = sizeOf(shape) * bytesPerElement(dtype);
    const block = this.#block(bytes);
    if (block === null) throw this.#outOfMemory(bytes, `a ${dtype} tensor of shape ${formatShape(shape)}`);
    if (this.#poison) this.memory.i32.fill(poisonBits, block.pointer / 4, (block.pointer + block.bytes) / 4);
    const before = this.#latest;
    const storage: Storage = { block, bytes, shape, dtype, references: 1, before, after: null };
    if (before !== null) before.after = storage;
    this.#latest = storage;
    this.#buffers++;
    this.#bytes += bytes;
    if (this.#bytes > this.#peakBytes) this.#peakBytes = this.#bytes;
    return storage;
  }

  #handle(storage: Storage, pointer = storage.block.pointer): Handle {
    const handle = new Handle(storage, pointer);
    this.#made?.push(handle);
    return handle;
  }

  /** A block of at least `bytes`, or null; where there is no room, scratch that nobody uses at the moment makes way. */
  #block(bytes: number): Block | null {
    const block = this.#allocator.allocate(bytes);
    if (block !== null || this.#scratch === null) return block;
    this.#allocator.release(this.#scratch);
    this.#scratch = null;
    return this.#allocator.allocate(bytes);
  }

  /** Another tensor on the storage of `source`, `elements` after its first element. */
  view(source: Handle, elements = 0): Handle {
    const storage = storageOf(source);
    storage.references++;
    return this.#handle(storage, source.pointer + elements * 4);
  }

  /** Makes a tensor the only one on its storage, so that writing to it changes no other: moves it to a copy where it is not. */
  own(handle: Handle, shape: Shape): void {
    const shared = storageOf(handle);
    if (shared.references === 1) return;
    const storage = this.#store(shape, shared.dtype);
    const from = handle.pointer / 4;
    this.memory.i32.copyWithin(storage.block.pointer / 4, from, from + sizeOf(shape));
    shared.references--;
    handle.storage = storage;
    handle.pointer = storage.block.pointer;
  }

  /** Gives a tensor back, and its storage with the last one on it. */
  release(handle: Handle): void {
    const storage = storageOf(handle);
    handle.storage = null;
    if (--storage.references > 0) return;
    this.#allocator.release(storage.block);
    const { before, after, bytes } = storage;
    if (before !== null) before.after = after;
    if (after !== null) after.before = before;
    else this.#latest = before;
    this.#buffers--;
    this.#bytes -= bytes;
  }

  /** The one scratch area, at least `bytes` long, its content undefined; the next call, or an allocation, may take it away. */
  scratch(bytes: number): number {
    if (this.#scratch === null || this.#scratch.bytes < bytes) {
      if (this.#scratch !== null) this.#allocator.release(this.#scratch);
      this.#scratch = null;
      this.#scratch = this.#block(bytes);
      if (this.#scratch === null) throw this.#outOfMemory(bytes, 'scratch');
    }
    return this.#scratch.pointer;
  }

  info(): MemoryInfo {
    return { buffers: this.#buffers, bytes: this.#bytes, peakBytes: this.#peakBytes };
  }

  resetPeak(): void {
    this.#peakBytes = this.#bytes;
  }

  #outOfMemory(bytes: number, what: string): OutOfMemoryError {
    const spare = this.#allocator.spare();
    const live: Storage[] = [];
    for (let storage = this.#latest; storage !== null; storage = storage.before) live.push(storage);
    const largest = live.sort((a, b) => b.bytes - a.bytes).slice(0, 5);
    const held = largest.map(({ shape, dtype, bytes: size }) => `${dtype} ${formatShape(shape)} (${megabytes(size)})`);
    return new OutOfMemoryError(
      `The wasm backend has no room for ${what}, ${megabytes(bytes)}. Its memory is ${megabytes(this.memory.bytes)} ` +
        `and may not grow beyond ${megabytes(this.memory.limit)}; ${this.#buffers} live buffers hold ` +
        `${megabytes(this.#bytes)}, and ${megabytes(spare.bytes)} are free, ` +
        `at most ${megabytes(spare.largest)} in one piece. ` +
        (held.length > 0 ? `Largest buffers: ${held.join(', ')}. ` : '') +
        'Shorten the chunk or the batch, free what is no longer needed, or raise memoryLimit.',
    );
  }
}

/** @throws LifetimeError for a handle that was released */
function storageOf(handle: Handle): Storage {
  if (handle.storage === null)
    throw new LifetimeError('This tensor was released already; a handle is used until its release only.');
  return handle.storage;
}

function megabytes(bytes: number): string {
  return bytes < 2 ** 20 ? `${bytes} bytes` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
