import {
  BackendError,
  LifetimeError,
  OutOfMemoryError,
  bytesPerElement,
  makeTypedArray,
  toTypedArray,
  type DType,
  type MemoryInfo,
  type Operand,
  type OperandOrNumber,
  type Shape,
  type TypedArray,
} from '@tempograd/core/backend';

/** Host arrays of floating-point elements. */
export type Floats = Float32Array | Float64Array;

/** Storage that one or more handles share. */
interface Block {
  readonly bytes: number;
  handles: number;
}

const nothing: TypedArray = new Float32Array(0);

/** A tensor of this backend: its elements, and the storage it keeps alive, which is null once it is released. */
export class JsHandle {
  data: TypedArray;
  block: Block | null;
  readonly owner: Memory;

  constructor(data: TypedArray, block: Block, owner: Memory) {
    this.data = data;
    this.block = block;
    this.owner = owner;
  }
}

/** The elements of a handle that is known to hold floating-point numbers. */
export function floatsOf(handle: JsHandle): Floats {
  return handle.data as Floats;
}

/** What every op takes: a tensor of this backend. */
export type JsOperand = Operand<JsHandle>;

/** What some ops take in a tensor's place: a number, a scalar of the other operand's dtype. */
export type JsOperandOrNumber = OperandOrNumber<JsHandle>;

/** Elements and their shape: what an op reads of an operand, or of a number as one element. */
export interface Elements {
  readonly data: TypedArray;
  readonly shape: Shape;
}

/** Makes, shares and counts the backend's storage. Each backend has its own. */
export class Memory {
  readonly #poison: boolean;
  #buffers = 0;
  #bytes = 0;
  #peakBytes = 0;
  #disposed = false;
  #journal: JsHandle[] | null = null;

  constructor(poison: boolean) {
    this.#poison = poison;
  }

  /**
   * New storage for `size` elements, their values unspecified.
   * @throws OutOfMemoryError when the engine gives no array of that size.
   */
  allocate(dtype: DType, size: number): JsHandle {
    this.#assertAlive();
    const bytes = size * bytesPerElement(dtype);
    const data = this.#makeArray(dtype, size, bytes);
    if (this.#poison) data.fill(dtype === 'i32' ? -1_234_567_891 : NaN);
    this.#buffers += 1;
    this.#bytes += bytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes);
    const handle = new JsHandle(data, { bytes, handles: 1 }, this);
    this.#journal?.push(handle);
    return handle;
  }

  /** New storage of `size` elements, all zero. */
  zeros(dtype: DType, size: number): JsHandle {
    const handle = this.allocate(dtype, size);
    if (this.#poison) handle.data.fill(0);
    return handle;
  }

  /** A new handle on `size` elements of `source` from `start`; it keeps the same storage alive. */
  share(source: JsHandle, start: number, size: number): JsHandle {
    const block = this.#blockOf(source);
    block.handles += 1;
    const handle = new JsHandle(source.data.subarray(start, start + size), block, this);
    this.#journal?.push(handle);
    return handle;
  }

  /** Does nothing once the backend was disposed of. @throws LifetimeError when the handle was released before or is not of this backend. */
  release(handle: JsHandle): void {
    if (this.#disposed) return;
    const block = this.#blockOf(handle);
    handle.block = null;
    handle.data = nothing;
    block.handles -= 1;
    if (block.handles > 0) return;
    this.#buffers -= 1;
    this.#bytes -= block.bytes;
  }

  /** Runs an op that makes several handles; when it throws, those it made are released. */
  allOrNothing<T>(op: () => T): T {
    const made: JsHandle[] = [];
    this.#journal = made;
    try {
      return op();
    } catch (error) {
      for (const handle of made) if (handle.block !== null) this.release(handle);
      throw error;
    } finally {
      this.#journal = null;
    }
  }

  /** The elements of an operand. */
  data(x: JsOperand): TypedArray {
    this.#blockOf(x.handle);
    return x.handle.data;
  }

  /** The elements of an operand, or of a number as a scalar of `dtype`. */
  elements(x: JsOperandOrNumber, dtype: DType): Elements {
    if (typeof x !== 'number') return { data: this.data(x), shape: x.shape };
    return { data: toTypedArray([x], dtype), shape: [] };
  }

  /** The elements of a floating-point operand. */
  floats(x: JsOperand): Floats {
    return this.data(x) as Floats;
  }

  /** The elements of a floating-point operand, to be overwritten: in storage of its own, so that views of the old one keep their values. */
  ownFloats(x: JsOperand): Floats {
    const block = this.#blockOf(x.handle);
    if (block.handles > 1) {
      const copy = this.allocate(x.dtype, x.handle.data.length);
      copy.data.set(x.handle.data);
      block.handles -= 1;
      x.handle.data = copy.data;
      x.handle.block = copy.block;
    }
    return x.handle.data as Floats;
  }

  /** The elements of an i32 operand. */
  ints(x: JsOperand): Int32Array {
    return this.data(x) as Int32Array;
  }

  info(): MemoryInfo {
    this.#assertAlive();
    return { buffers: this.#buffers, bytes: this.#bytes, peakBytes: this.#peakBytes };
  }

  resetPeak(): void {
    this.#assertAlive();
    this.#peakBytes = this.#bytes;
  }

  dispose(): void {
    this.#disposed = true;
  }

  #makeArray(dtype: DType, size: number, bytes: number): TypedArray {
    try {
      return makeTypedArray(dtype, size);
    } catch (cause) {
      throw new OutOfMemoryError(
        `js: no room for ${size} elements of ${dtype} (${bytes} bytes); ` +
          `${this.#bytes} bytes in ${this.#buffers} buffers are live. Release tensors, or use shorter chunks or a smaller batch.`,
        { cause },
      );
    }
  }

  #blockOf(handle: JsHandle): Block {
    this.#assertAlive();
    if (!(handle instanceof JsHandle) || handle.owner !== this) {
      throw new LifetimeError('js: this handle was not made by this backend; write the values to this backend first.');
    }
    if (handle.block === null) {
      throw new LifetimeError('js: this handle was released; a handle is used only before its one release.');
    }
    return handle.block;
  }

  #assertAlive(): void {
    if (this.#disposed) throw new BackendError('js: this backend was disposed of; make another with createBackend().');
  }
}
