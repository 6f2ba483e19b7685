import { classCount, classOf, granule, mostBytes, roundToClass } from './sizeClass.js';

/** A stretch of memory, in use or free, in the list of all of them by address. */
export interface Block {
  pointer: number;
  bytes: number;
  free: boolean;
  before: Block | null;
  after: Block | null;
  /** Neighbours in the list of free blocks of one class. */
  previousFree: Block | null;
  nextFree: Block | null;
}

/**
 * Gives out blocks of a growing memory: one free list for each size class, splitting and joining of neighbours at once,
 * so that a repeated pattern of sizes reuses the same blocks. Source: Masmano et al., "TLSF", ECRTS 2004.
 */
export class BlockAllocator {
  readonly #grow: (bytes: number) => boolean;
  readonly #free: (Block | null)[] = new Array<Block | null>(classCount).fill(null);
  /** One bit for each class that has a free block. */
  readonly #filled = new Uint32Array(classCount / 32);
  #last: Block | null = null;
  #end: number;

  /** Gives out what lies between `begin` and `end`, and beyond where `grow(bytes)` makes the memory at least so large. */
  constructor(begin: number, end: number, grow: (bytes: number) => boolean) {
    const first = Math.ceil(begin / granule) * granule;
    this.#grow = grow;
    this.#end = first;
    this.#extend(end - first);
  }

  /** A block of at least `bytes`, or null where there is no room and no growth. */
  allocate(bytes: number): Block | null {
    if (bytes > mostBytes) return null;
    const wanted = roundToClass(bytes);
    const block = this.#find(classOf(wanted)) ?? this.#growFor(wanted);
    if (block === null) return null;
    this.#unlink(block);
    block.free = false;
    if (block.bytes > wanted) this.#split(block, wanted);
    return block;
  }

  /** Takes a block back. */
  release(block: Block): void {
    let joined = block;
    const { before, after } = block;
    if (after?.free) {
      this.#unlink(after);
      this.#join(block, after);
    }
    if (before?.free) {
      this.#unlink(before);
      this.#join(before, block);
      joined = before;
    }
    this.#link(joined);
  }

  /** Bytes in free blocks, and the largest of them. */
  spare(): { bytes: number; largest: number } {
    let bytes = 0;
    let largest = 0;
    for (let block = this.#last; block !== null; block = block.before) {
      if (!block.free) continue;
      bytes += block.bytes;
      largest = Math.max(largest, block.bytes);
    }
    return { bytes, largest };
  }

  /** The first free block of the smallest class that has one, from `from` on. */
  #find(from: number): Block | null {
    let word = from >>> 5;
    let bits = (this.#filled[word] as number) & (-1 << (from & 31));
    while (bits === 0) {
      if (++word === this.#filled.length) return null;
      bits = this.#filled[word] as number;
    }
    const lowest = 31 - Math.clz32(bits & -bits);
    return this.#free[word * 32 + lowest] as Block | null;
  }

  #growFor(wanted: number): Block | null {
    const tail = this.#last?.free ? this.#last.bytes : 0;
    const before = this.#end;
    if (!this.#grow(before + wanted - tail)) return null;
    return this.#last;
  }

  /** Tells of `bytes` more at the end. */
  extendTo(end: number): void {
    this.#extend(end - this.#end);
  }

  #extend(bytes: number): void {
    const usable = Math.floor(bytes / granule) * granule;
    if (usable <= 0) return;
    const block = makeBlock(this.#end, usable, this.#last, null);
    if (this.#last !== null) this.#last.after = block;
    this.#last = block;
    this.#end += usable;
    this.release(block);
  }

  /** Cuts `block` to `bytes` and gives the rest back. */
  #split(block: Block, bytes: number): void {
    const rest = makeBlock(block.pointer + bytes, block.bytes - bytes, block, block.after);
    if (block.after !== null) block.after.before = rest;
    else this.#last = rest;
    block.after = rest;
    block.bytes = bytes;
    this.#link(rest);
  }

  /** Adds `second` to the block that lies before it. */
  #join(first: Block, second: Block): void {
    first.bytes += second.bytes;
    first.after = second.after;
    if (second.after !== null) second.after.before = first;
    else this.#last = first;
  }

  #link(block: Block): void {
    const index = classOf(block.bytes);
    const head = this.#free[index] ?? null;
    block.free = true;
    block.previousFree = null;
    block.nextFree = head;
    if (head !== null) head.previousFree = block;
    this.#free[index] = block;
    this.#filled[index >>> 5]! |= 1 << (index & 31);
  }

  #unlink(block: Block): void {
    const index = classOf(block.bytes);
    const { previousFree, nextFree } = block;
    if (nextFree !== null) nextFree.previousFree = previousFree;
    if (previousFree !== null) previousFree.nextFree = nextFree;
    else this.#free[index] = nextFree;
    if (this.#free[index] === null) this.#filled[index >>> 5]! &= ~(1 << (index & 31));
    block.previousFree = null;
    block.nextFree = null;
  }
}

function makeBlock(pointer: number, bytes: number, before: Block | null, after: Block | null): Block {
  return { pointer, bytes, free: false, before, after, previousFree: null, nextFree: null };
}
