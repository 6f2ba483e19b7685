/** What memory is for; the parts of a plan. */
export type MemoryUse =
  'parameters' | 'optimiser' | 'kept' | 'data' | 'carried' | 'recurrence' | 'loss' | 'backward' | 'scratch' | 'update';

/** Storage that handles share. */
interface Block {
  readonly bytes: number;
  use: MemoryUse;
  handles: number;
}

/** A tensor of a plan. */
export interface PlannedHandle {
  readonly block: Block;
}

/** Counts storage by what it is for, and remembers how it was made up when there was most of it. */
export class PlannedMemory {
  #use: MemoryUse = 'parameters';
  #live = new Set<Block>();
  #bytes = 0;
  #peakBytes = 0;
  #atPeak: ReadonlyMap<MemoryUse, number> = new Map();
  #peakSinceReset = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** What storage is made for now. */
  get use(): MemoryUse {
    return this.#use;
  }

  /** The most since the latest reset, which is whoever measures' own. */
  get peakSinceReset(): number {
    return this.#peakSinceReset;
  }

  resetPeak(): void {
    this.#peakSinceReset = this.#bytes;
  }

  /** Bytes by use when there were most. */
  get atPeak(): ReadonlyMap<MemoryUse, number> {
    return this.#atPeak;
  }

  /** Runs `fn`, in which storage is made for `use`. */
  as<R>(use: MemoryUse, fn: () => R): R {
    const former = this.#use;
    this.#use = use;
    try {
      return fn();
    } finally {
      this.#use = former;
    }
  }

  allocate(bytes: number): PlannedHandle {
    const block = { bytes, use: this.#use, handles: 1 };
    this.#live.add(block);
    this.#bytes += bytes;
    this.#peakSinceReset = Math.max(this.#peakSinceReset, this.#bytes);
    if (this.#bytes > this.#peakBytes) {
      this.#peakBytes = this.#bytes;
      this.#atPeak = this.#byUse();
    }
    return { block };
  }

  /** Another handle on the same storage. */
  share({ block }: PlannedHandle): PlannedHandle {
    block.handles++;
    return { block };
  }

  release({ block }: PlannedHandle): void {
    if (--block.handles > 0) return;
    this.#live.delete(block);
    this.#bytes -= block.bytes;
  }

  /** What is live now is for this from now on, data and what is kept aside. */
  relabel(use: MemoryUse): void {
    for (const block of this.#live) if (block.use !== 'data' && block.use !== 'kept') block.use = use;
  }

  #byUse(): Map<MemoryUse, number> {
    const sums = new Map<MemoryUse, number>();
    for (const { use, bytes } of this.#live) sums.set(use, (sums.get(use) ?? 0) + bytes);
    return sums;
  }
}
