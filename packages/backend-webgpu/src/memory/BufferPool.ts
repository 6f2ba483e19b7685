import type { PooledBuffer } from './Handle.js';
import { sizeClass } from './sizeClass.js';

/**
 * How much all buffers may take together before spare ones are destroyed: this many times what was ever in use at once, and some
 * more. Shapes that are always new would otherwise fill the device with buffers of sizes that never come again.
 */
const mostOfPeak = 3;
const alwaysKept = 64 * 2 ** 20;

/**
 * Device buffers by size, kept when their tensors are gone, so that after the first few steps none is made. Of the spare ones the
 * oldest is taken first: steps that begin with the same ones spare take the same ones in the same order, in whichever order they were
 * given back, and find them bound together already. Nothing is ever assumed of a buffer's content.
 */
export class BufferPool {
  readonly #create: (bytes: number) => GPUBuffer;
  /** Of each size, the oldest last. */
  readonly #free = new Map<number, PooledBuffer[]>();
  readonly #pending: () => number;
  readonly #largest: number;
  #lastId = 0;
  #bytes = 0;
  #spareBytes = 0;
  #peakBytes = 0;
  /** Buffers made so far. */
  created = 0;

  /** `pending` gives the number of the command buffer that is being gathered; buffers hold at most `largest` bytes. */
  constructor(create: (bytes: number) => GPUBuffer, pending: () => number, largest: number) {
    this.#create = create;
    this.#pending = pending;
    this.#largest = largest;
  }

  /** Bytes of all buffers. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of the buffers that no tensor uses. */
  get spareBytes(): number {
    return this.#spareBytes;
  }

  /** A buffer of at least `bytes`, its content undefined. */
  take(bytes: number): PooledBuffer {
    const size = sizeClass(bytes, this.#largest);
    const free = this.#free.get(size)?.pop();
    if (free === undefined) return this.#make(size);
    this.#use(size);
    return free;
  }

  /** As `take`, but one that no command from number `pending` on uses: the host may write it at once. */
  takeIdle(bytes: number, pending: number): PooledBuffer {
    const size = sizeClass(bytes, this.#largest);
    const free = this.#free.get(size) ?? [];
    const at = free.findLastIndex((buffer) => buffer.lastUse < pending);
    if (at < 0) return this.#make(size);
    this.#use(size);
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
    this.#bytes -= this.#spareBytes;
    this.#spareBytes = 0;
  }

  /** Counts spare bytes as in use. */
  #use(bytes: number): void {
    this.#spareBytes -= bytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes - this.#spareBytes);
  }

  /** Destroys the spare buffers that were not used for the longest time, until `bytes` are gone or all are needed by commands. */
  #evict(bytes: number): void {
    const pending = this.#pending();
    const spare = [...this.#free.values()].flat().filter(({ lastUse }) => lastUse < pending);
    spare.sort((a, b) => a.lastUse - b.lastUse);
    let left = bytes;
    for (const buffer of spare) {
      if (left <= 0) break;
      const free = this.#free.get(buffer.bytes) as PooledBuffer[];
      free.splice(free.indexOf(buffer), 1);
      buffer.gpu.destroy();
      left -= buffer.bytes;
      this.#bytes -= buffer.bytes;
      this.#spareBytes -= buffer.bytes;
    }
  }

  #make(bytes: number): PooledBuffer {
    this.#bytes += bytes;
    this.#use(0);
    const excess = this.#bytes - mostOfPeak * this.#peakBytes - alwaysKept;
    if (excess > 0) this.#evict(excess);
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
