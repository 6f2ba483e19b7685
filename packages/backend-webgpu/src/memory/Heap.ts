import { bytesPerElement, DTypeError, formatShape, OutOfMemoryError, sizeOf } from '@tempograd/core/backend';
import type { DType, MemoryInfo, Shape } from '@tempograd/core/backend';
import type { BufferPool } from './BufferPool.js';
import { Handle, storageOf } from './Handle.js';
import type { PooledBuffer, Storage } from './Handle.js';
import { sizeClass } from './sizeClass.js';

/** How much there may be. */
export interface HeapLimits {
  /** The largest single tensor: what one binding can hold. */
  readonly largest: number;
  /** Of all buffers together, spare ones included. */
  readonly total: number;
}

/** Tensors' storage on the device, counted. */
export class Heap {
  readonly #pool: BufferPool;
  readonly #limits: HeapLimits;
  readonly #trim: () => void;
  readonly #live = new Set<Storage>();
  #made: Handle[] | null = null;
  #bytes = 0;
  #held = 0;
  #peakBytes = 0;

  /** `trim` destroys the pool's spare buffers; it must first hand in the commands that use them. */
  constructor(pool: BufferPool, limits: HeapLimits, trim: () => void) {
    this.#pool = pool;
    this.#limits = limits;
    this.#trim = trim;
  }

  /** Runs `op`; where it throws, what it had made by then is given back first. */
  attempt<R>(op: () => R): R {
    const outer = this.#made;
    const made: Handle[] = [];
    this.#made = made;
    try {
      return op();
    } catch (error) {
      for (const handle of made) if (handle.storage !== null) this.release(handle);
      throw error;
    } finally {
      this.#made = outer;
    }
  }

  /**
   * New storage for a tensor, its content undefined. With `idleFrom`, storage that no command from that number on uses.
   * @throws DTypeError for f64
   * @throws OutOfMemoryError beyond what a binding holds, or the limit of memory
   */
  allocate(shape: Shape, dtype: DType, idleFrom?: number): Handle {
    if (dtype === 'f64') {
      throw new DTypeError(
        'The webgpu backend computes in f32 and i32, as WGSL does; f64 was asked for. ' +
          'Use f32 here, or take the reference backend for f64: useBackend(createBackend()) of @tempograd/backend-js.',
      );
    }
    const storage = this.#store(shape, dtype, idleFrom);
    return this.#handle(storage, 0);
  }

  #store(shape: Shape, dtype: 'f32' | 'i32', idleFrom?: number): Storage {
    const bytes = sizeOf(shape) * bytesPerElement(dtype);
    const size = sizeClass(bytes, this.#limits.largest);
    if (bytes > this.#limits.largest) throw this.#tooLarge(bytes, shape, dtype);
    if (this.#held + this.#pool.spareBytes + size > this.#limits.total) {
      if (this.#pool.spareBytes > 0) this.#trim();
      if (this.#held + size > this.#limits.total) throw this.#outOfMemory(bytes, shape, dtype);
    }
    const buffer = idleFrom === undefined ? this.#pool.take(bytes) : this.#pool.takeIdle(bytes, idleFrom);
    const storage: Storage = { buffer, bytes, shape, dtype, references: 1 };
    this.#live.add(storage);
    this.#held += buffer.bytes;
    this.#bytes += bytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes);
    return storage;
  }

  #handle(storage: Storage, offset: number): Handle {
    const handle = new Handle(storage, offset);
    this.#made?.push(handle);
    return handle;
  }

  /** Another tensor on the storage of `source`, `elements` after its first element. */
  view(source: Handle, elements = 0): Handle {
    const storage = storageOf(source);
    storage.references++;
    return this.#handle(storage, source.offset + elements);
  }

  /**
   * Makes a tensor the only one on its storage, so that writing to it changes no other; `copy` is called with old buffer, its offset,
   * and the new one where it was not.
   */
  own(handle: Handle, shape: Shape, copy: (from: PooledBuffer, offset: number, to: PooledBuffer) => void): void {
    const shared = storageOf(handle);
    if (shared.references === 1) return;
    const storage = this.#store(shape, shared.dtype);
    copy(shared.buffer, handle.offset, storage.buffer);
    shared.references--;
    handle.storage = storage;
    handle.offset = 0;
  }

  /** Gives a tensor back, and its storage with the last one on it. */
  release(handle: Handle): void {
    const storage = storageOf(handle);
    handle.storage = null;
    if (--storage.references > 0) return;
    this.#pool.give(storage.buffer);
    this.#live.delete(storage);
    this.#held -= storage.buffer.bytes;
    this.#bytes -= storage.bytes;
  }

  /** Destroys the buffers of tensors that were not released; they may be released still. */
  dispose(): void {
    for (const { buffer } of this.#live) buffer.gpu.destroy();
  }

  info(): MemoryInfo {
    return { buffers: this.#live.size, bytes: this.#bytes, peakBytes: this.#peakBytes };
  }

  resetPeak(): void {
    this.#peakBytes = this.#bytes;
  }

  #tooLarge(bytes: number, shape: Shape, dtype: DType): OutOfMemoryError {
    return new OutOfMemoryError(
      `A ${dtype} tensor of shape ${formatShape(shape)} takes ${megabytes(bytes)}; this device binds at most ` +
        `${megabytes(this.#limits.largest)} at once (info.maxStorageBufferBindingSize). ` +
        'Shorten the chunk or the batch, or split the tensor.',
    );
  }

  #outOfMemory(bytes: number, shape: Shape, dtype: DType): OutOfMemoryError {
    const largest = [...this.#live].sort((a, b) => b.bytes - a.bytes).slice(0, 5);
    const held = largest.map((x) => `${x.dtype} ${formatShape(x.shape)} (${megabytes(x.bytes)})`);
    return new OutOfMemoryError(
      `The webgpu backend has no room for a ${dtype} tensor of shape ${formatShape(shape)}, ${megabytes(bytes)}. ` +
        `Its limit is ${megabytes(this.#limits.total)}; ${this.#live.size} live buffers hold ${megabytes(this.#held)}. ` +
        (held.length > 0 ? `Largest: ${held.join(', ')}. ` : '') +
        'Shorten the chunk or the batch, free what is no longer needed, or raise memoryLimit.',
    );
  }
}

function megabytes(bytes: number): string {
  return bytes < 2 ** 20 ? `${bytes} bytes` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
