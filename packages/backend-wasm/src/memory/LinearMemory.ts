const pageBytes = 65536;

/** The WebAssembly memory that tensors live in, with host views that follow its growth. */
export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  /** The most bytes it may grow to. */
  readonly limit: number;
  /** All of it as floats; stale after a growth, so never kept. */
  f32: Float32Array;
  /** All of it as integers; stale after a growth, so never kept. */
  i32: Int32Array;

  constructor(memory: WebAssembly.Memory, limit: number) {
    this.memory = memory;
    this.limit = limit;
    this.f32 = new Float32Array(memory.buffer);
    this.i32 = new Int32Array(memory.buffer);
  }

  /** Its size now. */
  get bytes(): number {
    return this.i32.byteLength;
  }

  /**
   * Grows to at least `bytes`, in steps of half its size between 1 and 64 MiB.
   * Returns false, with nothing changed, where the limit or the engine does not allow that.
   */
  grow(bytes: number): boolean {
    if (bytes > this.limit) return false;
    const step = Math.min(Math.max(this.bytes / 2, 2 ** 20), 2 ** 26);
    return this.#growTo(Math.min(Math.max(bytes, this.bytes + step), this.limit)) || this.#growTo(bytes);
  }

  #growTo(bytes: number): boolean {
    const pages = Math.ceil((bytes - this.bytes) / pageBytes);
    if (pages <= 0) return true;
    try {
      this.memory.grow(pages);
    } catch {
      return false;
    }
    this.f32 = new Float32Array(this.memory.buffer);
    this.i32 = new Int32Array(this.memory.buffer);
    return true;
  }
}

/** A memory whose limit is the largest the engine grants up to `limit` bytes, halving it down to 64 MiB. */
export function makeMemory(limit: number, shared: boolean): LinearMemory {
  const initial = 32;
  for (let maximum = Math.floor(limit / pageBytes); ; maximum = Math.floor(maximum / 2)) {
    try {
      return new LinearMemory(new WebAssembly.Memory({ initial, maximum, shared }), maximum * pageBytes);
    } catch (error) {
      if (maximum / 2 < 1024) throw error;
    }
  }
}
