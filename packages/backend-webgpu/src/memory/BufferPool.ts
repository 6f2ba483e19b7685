import type { PooledBuffer } from './Handle.js';
import { sizeClass } from './sizeClass.js';

/**
 * Device buffers by size, kept when their tensors are gone, so that after the first few steps none is made. Of the spare ones the
 * oldest is taken first: steps that begin with the same ones spare take the same ones in the same order, in whichever order they were
 * given back, and find them bound together already. Nothing is ever assumed of a buffer's content.
 */
export class BufferPool {
  readonly #create: (bytes: number) => GPUBuffer;
  /** Of each size, the oldest last. */
  readonly #free = new Map<number, PooledBuffer[]>();
  #lastId = 0;
  #spareBytes = 0;
  /** Buffers made so far. */
  created = 0;

  constructor(create: (bytes: number) => GPUBuffer) {
    this.#create = create;
  }

  /** Bytes of the buffers that no tensor uses. */
  get spareBytes(): number {
    return this.#spareBytes;
  }

  /** A buffer of at least `bytes`, its content undefined. */
  take(bytes: number): PooledBuffer {
    const size = sizeClass(bytes);
    const free = this.#free.get(size)?.pop();
    if (free === undefined) return this.#make(size);
    this.#spareBytes -= size;
    return free;
  }

  /** As `take`, but one that no command from number `pending` on uses: the host may write it at once. */
  takeIdle(bytes: number, pending: number): PooledBuffer {
    const size = sizeClass(bytes);
    const free = this.#free.get(size) ?? [];
    const at = free.findLastIndex((buffer) => buffer.lastUse < pending);
    if (at < 0) return this.#make(size);
    this.#spareBytes -= size;
    return free.splice(at, 1)[0] as PooledBuffer;
  }

  give(buffer: PooledBuffer): void {
    const free = this.#free.get(buffer.bytes);
    if (free) free.splice(placeOf(buffer, free), 0, buffer);
    else this.#free.set(buffer.bytes, [buffer]);
    this.#spareBytes += buffer.bytes;
  }

  /** Destroys every spare buffer; commands in the queue keep theirs until they have run. */
  trim(): void {
    for (const free of this.#free.values()) for (const { gpu } of free) gpu.destroy();
    this.#free.clear();
    this.#spareBytes = 0;
  }

  #make(bytes: number): PooledBuffer {
    this.created++;
    return { gpu: this.#create(bytes), id: ++this.#lastId, bytes, lastUse: -1 };
  }
}

/** Where a buffer belongs among others, the oldest of which is last. */
function placeOf({ id }: PooledBuffer, free: readonly PooledBuffer[]): number {
  let [begin, end] = [0, free.length];
  while (begin < end) {
    const middle = (begin + end) >> 1;
    if ((free[middle] as PooledBuffer).id > id) begin = middle + 1;
    else end = middle;
  }
  return begin;
}
