import type { Block, KernelCase, Word } from './KernelCase.js';

type Numbers = Block['data'];

const bytesOfMemory = 32 * 2 ** 20;
const line = 64;

/** What runs cases. */
export interface Computer {
  readonly name: string;
  /** What the blocks hold after a case whose work is cut into `parts`; see `Machine`. */
  run(it: KernelCase, parts: number, reverse: boolean, atEnd: number): Numbers[];
}

/** One build of the kernels on a memory of its own. */
export class Machine implements Computer {
  readonly name: string;
  /** The kernels that the build has. */
  readonly kernels: readonly string[];
  readonly #exports: Record<string, (...args: number[]) => number>;
  readonly #bytes: Uint8Array;
  readonly #heap: number;
  #top = 0;
  #used: (readonly [begin: number, end: number])[] = [];

  constructor(name: string, module: WebAssembly.Module) {
    const memory = new WebAssembly.Memory({ initial: bytesOfMemory / 65536, maximum: 65536 });
    this.name = name;
    this.#exports = new WebAssembly.Instance(module, { env: { memory } }).exports as Record<string, () => number>;
    this.kernels = Object.keys(this.#exports).filter((of) => of !== 'heapBase' && !of.endsWith('Bytes'));
    this.#bytes = new Uint8Array(memory.buffer);
    this.#heap = Math.ceil(this.#exports.heapBase!() / line) * line;
  }

  /**
   * Runs a case with its work cut into `parts`, last part first where `reverse` is set, and gives what its blocks hold afterwards.
   * Memory that no block has must stay as it is; `atEnd` is the number of the block that ends where the memory does.
   * @throws Error when it does not
   */
  run({ blocks, steps }: KernelCase, parts: number, reverse: boolean, atEnd: number): Numbers[] {
    this.#top = this.#heap;
    this.#used = [];
    const last = blocks[atEnd];
    const addresses = new Map<Block, number>();
    for (const block of blocks) addresses.set(block, block === last ? this.#putAtEnd(block) : this.#put(block));
    const order = Array.from({ length: parts }, (_, part) => (reverse ? parts - 1 - part : part));
    const shared = new Map<string, number>();
    for (const { task, words, turns = 0 } of steps) {
      const args = this.#allocate(words.length * 4);
      const write = (): void => {
        const bits = Int32Array.from(words, (word) => bitsOf(word, addresses, shared));
        this.#bytes.set(new Uint8Array(bits.buffer), args);
      };
      // Sizes are read from the block, in which any address that is not null does for what they are the sizes of.
      for (const word of words) if (isShared(word) && !shared.has(word.shared)) shared.set(word.shared, line);
      write();
      for (const word of words) {
        if (!isShared(word) || shared.get(word.shared) !== line) continue;
        const bytes = this.#exports[word.shared]!(args, parts);
        shared.set(word.shared, this.#allocate(Math.max(bytes, line)));
      }
      write();
      const bytes = this.#exports[`${task}ScratchBytes`]?.(args, parts) ?? 0;
      const together = turns > 0 ? this.#allocate(bytes) : 0;
      const scratch = order.map(() => (turns > 0 ? together : this.#allocate(bytes)));
      for (let turn = 0; turn < Math.max(turns, 1); turn++)
        for (const part of order) this.#exports[task]!(args, part, parts, scratch[part]!, turn);
    }
    this.#checkRest(steps.map(({ task }) => task).join(', '));
    return blocks.map((block) => this.#read(block, addresses.get(block)!));
  }

  #putAtEnd(block: Block): number {
    const at = bytesOfMemory - block.data.byteLength;
    this.#bytes.fill(0xff, at - line, at);
    return this.#write(block, at);
  }

  #put(block: Block): number {
    return this.#write(block, this.#allocate(block.data.byteLength, block.misalign * 4));
  }

  #write({ data }: Block, at: number): number {
    this.#bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    return at;
  }

  #read({ data }: Block, at: number): Numbers {
    const copy = this.#bytes.slice(at, at + data.byteLength).buffer;
    if (data instanceof Int32Array) return new Int32Array(copy);
    return data instanceof Float64Array ? new Float64Array(copy) : new Float32Array(copy);
  }

  /** A stretch past a multiple of 64, poisoned, with poison before and after it. */
  #allocate(bytes: number, misalign = 0): number {
    const at = this.#top + line + misalign;
    const end = Math.ceil((at + bytes + line) / line) * line;
    if (end > bytesOfMemory / 2) throw new Error(`a case of more than ${bytesOfMemory / 2} bytes`);
    this.#bytes.fill(0xff, this.#top, end);
    this.#used.push([at, at + bytes]);
    this.#top = end;
    return at;
  }

  /** That nothing was written beside the blocks. */
  #checkRest(tasks: string): void {
    let from = this.#heap;
    for (const [begin, end] of [...this.#used, [this.#top, this.#top]] as const) {
      const found = this.#bytes.subarray(from, begin).findIndex((byte) => byte !== 0xff);
      if (found >= 0) throw new Error(`${tasks}: byte ${found} of the ${begin - from} between two blocks was written`);
      from = end;
    }
  }
}

function isShared(word: Word): word is { readonly shared: string } {
  return typeof word === 'object' && 'shared' in word;
}

function bitsOf(word: Word, addresses: ReadonlyMap<Block, number>, shared: ReadonlyMap<string, number>): number {
  if (typeof word === 'number') return word;
  if ('float' in word) return new Int32Array(Float32Array.of(word.float).buffer)[0]!;
  if ('shared' in word) return shared.get(word.shared)!;
  return 'block' in word ? addresses.get(word.block)! + word.at * 4 : addresses.get(word)!;
}
