/// <reference lib="esnext.disposable" preserve="true" />
import {
  formatShape,
  LifetimeError,
  sizeOf,
  toTypedArray,
  type Backend,
  type DType,
  type Operand,
  type Shape,
  type TypedArray,
} from '../backend/index.js';
import type { FusedInputs, FusedOp } from './FusedOp.js';
import type { Attributes, Primitive } from './primitive.js';
import { printTensor, titleOf, type Printable } from './print/printTensor.js';
import { openStage, refuseInStage } from './stage.js';

/**
 * A dense array of numbers of one element type, held by a backend. Immutable to ops: every op makes a new tensor.
 *
 * Memory: a tensor holds a buffer until `dispose()` is called, by hand, by `using`, or by the `scope` it was made in.
 */
export abstract class Tensor {
  abstract readonly shape: Shape;
  abstract readonly dtype: DType;
  /** The backend that holds the values. */
  abstract readonly backend: Backend;

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The values in row-major order, once everything before is done. */
  abstract read(): Promise<TypedArray>;

  /** The values at once. @throws BackendError on a backend that can only read asynchronously. */
  abstract readSync(): TypedArray;

  /** Gives the buffer back; doing so twice is harmless, using the tensor afterwards is a LifetimeError. */
  abstract dispose(): void;

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** What it says of itself, for `toString()`. */
  abstract printable(): Printable;

  /** Dtype, shape and backend, and the values where they can be read at once, those in the middle of long axes left out. */
  toString(): string {
    return textOf(this, printTensor);
  }

  /** As `toString()`; a browser's console shows it where this is clicked on. */
  get preview(): string {
    return this.toString();
  }
}

/** What Node's console shows of a tensor: its text, or one line where it stands too deep in a tree. */
function inspect(this: Tensor, depth: unknown): string {
  return typeof depth === 'number' && depth < 0 ? `[${textOf(this, titleOf)}]` : this.toString();
}

/** A text in which nothing goes wrong: a console also shows prototypes, which are tensors without anything. */
function textOf(x: Tensor, text: (printable: Printable) => string): string {
  try {
    return text(x.printable());
  } catch {
    return 'Tensor';
  }
}

// Not in the class: its declarations would have to name a symbol of Node's.
Object.defineProperty(Tensor.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value: inspect,
  configurable: true,
});

/**
 * Has a browser's console show a kind of tensor as `Tensor`, whatever a minifier makes of its name: the console looks for a tag on
 * the prototype itself, and reads it only where it is no getter.
 */
export function nameForConsole(kind: { readonly prototype: Tensor }): void {
  Object.defineProperty(kind.prototype, Symbol.toStringTag, { value: 'Tensor', configurable: true });
}

/** A backend buffer and how many tensors hold it. */
export class Storage {
  readonly backend: Backend;
  #handle: object | null;
  #holders = 1;

  constructor(backend: Backend, handle: object) {
    this.backend = backend;
    this.#handle = handle;
  }

  get handle(): object | null {
    return this.#handle;
  }

  /** Whether only one tensor holds this buffer, so that overwriting it is seen by nobody else. */
  get exclusive(): boolean {
    return this.#holders === 1;
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  drop(): void {
    if (--this.#holders > 0 || this.#handle === null) return;
    const handle = this.#handle;
    this.#handle = null;
    this.backend.release(handle);
  }
}

/** A tensor with values now, as opposed to one that a differentiation watches. Also the operand that backends receive. */
export class ArrayTensor extends Tensor implements Operand {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly backend: Backend;
  /** The scope that will dispose of it; null when none will. Kept by `scope.ts`. */
  owner: object | null = null;
  #storage: Storage | null;

  constructor(storage: Storage, shape: Shape, dtype: DType) {
    super();
    this.#storage = storage;
    this.backend = storage.backend;
    this.shape = shape;
    this.dtype = dtype;
  }

  get disposed(): boolean {
    return this.#storage === null;
  }

  get storage(): Storage {
    const storage = this.#storage;
    if (storage === null || storage.handle === null) throw disposedError(this);
    return storage;
  }

  get handle(): object {
    const handle = this.#storage?.handle ?? null;
    if (handle === null) throw disposedError(this);
    return handle;
  }

  read(): Promise<TypedArray> {
    refuseInStage('read: a tensor was read');
    return this.backend.read(this);
  }

  readSync(): TypedArray {
    refuseInStage('readSync: a tensor was read');
    if (this.backend.readSync === undefined) {
      throw new LifetimeError(
        `The ${this.backend.name} backend reads asynchronously only: use \`await tensor.read()\` instead of readSync().`,
      );
    }
    return this.backend.readSync(this);
  }

  dispose(): void {
    const storage = this.#storage;
    this.#storage = null;
    storage?.drop();
  }

  printable(): Printable {
    const handle = this.#storage?.handle ?? null;
    const { shape, dtype, backend } = this;
    if (handle === null) return { shape, dtype, backend, notes: ['disposed of'], values: null };
    return { shape, dtype, backend, notes: [], values: { handle, shape, dtype } };
  }

  /** Another tensor on the same buffer, to be disposed of on its own. */
  share(): ArrayTensor {
    return new ArrayTensor(this.storage.hold(), this.shape, this.dtype);
  }

  /** Takes over `source`'s value: `source` is disposed of, this tensor stays, whoever shared the old value keeps it. */
  assign(source: ArrayTensor): void {
    const next = source.storage.hold();
    source.dispose();
    this.#storage?.drop();
    this.#storage = next;
  }
}

nameForConsole(ArrayTensor);

function disposedError({ dtype, shape }: ArrayTensor): LifetimeError {
  return new LifetimeError(
    `A tensor ${dtype}${formatShape(shape)} was used after it was disposed of. ` +
      'If a scope freed it, return it from the scope; if it must outlive several scopes, wrap it in keep().',
  );
}

/**
 * A number beside a tensor: a scalar of that tensor's dtype, rounded to it, without a buffer. Backends are given the number.
 * Only primitives' inputs and what rules look at are literals; no op returns one.
 */
export class Literal extends Tensor {
  readonly shape: Shape = [];
  readonly dtype: DType;
  readonly backend: Backend;
  readonly value: number;

  constructor(value: number, { dtype, backend }: Pick<Tensor, 'dtype' | 'backend'>) {
    super();
    this.value = dtype === 'f32' ? Math.fround(value) : value;
    this.dtype = dtype;
    this.backend = backend;
  }

  async read(): Promise<TypedArray> {
    return this.readSync();
  }

  readSync(): TypedArray {
    return toTypedArray([this.value], this.dtype);
  }

  printable(): Printable {
    const { shape, dtype, backend, value } = this;
    return { shape, dtype, backend, notes: [`the number ${value}`], values: null };
  }

  /** There is nothing to give back. */
  dispose(): void {}

  share(): this {
    return this;
  }
}

/** A tensor that a trace watches (a differentiation, a batching): a value plus what that trace needs to know of it. */
export abstract class TracedTensor extends Tensor {
  /** The trace that watches it. */
  abstract readonly trace: Trace;
  /** The value, watched by outer traces only. */
  abstract readonly primal: Tensor;
  /** The same watched value on storage shared, not copied. */
  abstract share(): TracedTensor;

  get shape(): Shape {
    return this.primal.shape;
  }

  get dtype(): DType {
    return this.primal.dtype;
  }

  get backend(): Backend {
    return this.primal.backend;
  }

  read(): Promise<TypedArray> {
    return this.primal.read();
  }

  readSync(): TypedArray {
    return this.primal.readSync();
  }

  /** What the trace does with it, in the words of a console. */
  protected abstract readonly watched: string;

  printable(): Printable {
    const { shape, dtype, backend } = this;
    const { notes, values } = this.primal.printable();
    return { shape, dtype, backend, notes: [this.watched, ...notes], values };
  }

  /** All tensors with buffers that this one is made of. */
  abstract parts(): readonly Tensor[];

  /** The same values with every differentiation taken off; what is not one (a batching) stays. Borrowed: `alias` it to keep it. */
  constant(): Tensor {
    return constantOf(this.primal);
  }

  dispose(): void {
    for (const part of this.parts()) part.dispose();
  }
}

/** One running differentiation or batching, as far as the tensor layer knows of it. Inner ones have higher levels. */
export interface Trace {
  readonly level: number;
  /** Applies a primitive some of whose inputs this trace watches. */
  process<P extends Primitive>(call: PrimitiveCall<P>): Tensor;
  /** Why it cannot take a fused op whole, so that the resolver composes the op from primitives; null when it can. */
  readonly refusesFused: string | null;
  /** Applies a fused op whose inputs no other trace watches. Called only when it does not refuse. */
  processFused<I extends FusedInputs<I>, A>(call: FusedCall<I, A>): Tensor[];
}

/** A primitive and what it is applied to. */
export interface PrimitiveCall<P extends Primitive = Primitive> {
  readonly primitive: P;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes[P];
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A fused op and what it is applied to. */
export interface FusedCall<I extends FusedInputs<I>, A> {
  readonly op: FusedOp<I, A>;
  readonly inputs: I;
  readonly attributes: A;
}

/** The values of `x` as no differentiation sees them; see `TracedTensor.constant`. */
export function constantOf(x: Tensor): Tensor {
  return x instanceof TracedTensor ? x.constant() : (openStage()?.detach(x) ?? x);
}

/** The same tensor on shared storage, to be disposed of on its own; not registered in any scope. */
export function share<T extends Tensor>(x: T): T {
  return (x as unknown as ArrayTensor | TracedTensor).share() as Tensor as T;
}
