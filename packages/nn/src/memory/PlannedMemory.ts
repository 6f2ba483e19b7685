import { ArgumentError } from '@tempograd/core';

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

/** Tensors that a plan makes at most: it takes seconds then. */
const mostMade = 2 ** 20;

/** Counts storage by what it is for, and remembers how it was made up when there was most of it. */
export class PlannedMemory {
  #use: MemoryUse = 'parameters';
  #live = new Set<Block>();
  readonly #byUse = new Map<MemoryUse, number>();
  #made = 0;
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

  /** @throws ArgumentError where so many were made that the plan would not end in time. */
  allocate(bytes: number): PlannedHandle {
    this.#made++;
    this.requireShort(1);
    const block = { bytes, use: this.#use, handles: 1 };
    this.#live.add(block);
    this.#count(block.use, bytes);
    this.#bytes += bytes;
    this.#peakSinceReset = Math.max(this.#peakSinceReset, this.#bytes);
    if (this.#bytes > this.#peakBytes) {
      this.#peakBytes = this.#bytes;
      this.#atPeak = new Map(this.#byUse);
    }
    return { block };
  }

  /** @throws ArgumentError where so many tensors are too many when only this share of the plan is done. */
  requireShort(share: number): void {
    if (this.#made > mostMade * share) throw tooLong();
  }

  /** Another handle on the same storage. */
  share({ block }: PlannedHandle): PlannedHandle {
    block.handles++;
    return { block };
  }

  release({ block }: PlannedHandle): void {
    if (--block.handles > 0) return;
    this.#live.delete(block);
    this.#count(block.use, -block.bytes);
    this.#bytes -= block.bytes;
  }

  /** What is live now is for this from now on, data and what is kept aside. */
  relabel(use: MemoryUse): void {
    for (const block of this.#live) if (block.use !== 'data' && block.use !== 'kept') this.#setUse(block, use);
  }

  /** What the storage of a tensor is for from now on. */
  setUse({ block }: PlannedHandle, use: MemoryUse): void {
    this.#setUse(block, use);
  }

  #setUse(block: Block, use: MemoryUse): void {
    this.#count(block.use, -block.bytes);
    block.use = use;
    this.#count(use, block.bytes);
  }

  #count(use: MemoryUse, bytes: number): void {
    this.#byUse.set(use, (this.#byUse.get(use) ?? 0) + bytes);
  }
}

/** For a plan that would take too long. */
export function tooLong(): ArgumentError {
  return new ArgumentError(
    `planMemory: this training makes more than ${mostMade} tensors before its memory stays as it is, which is more than a plan goes through. ` +
      'Give a shorter time: what fullBptt keeps grows evenly with it, so that two plans tell all others; or plan a strategy that updates on the way, such as truncatedBptt.',
  );
}
