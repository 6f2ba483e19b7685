import { BackendError, formatShape, sizeOf } from '@tempograd/core/backend';
import type { DType, Operand, Shape, TypedArray } from '@tempograd/core/backend';
import { BufferPool } from '../memory/BufferPool.js';
import { storageOf } from '../memory/Handle.js';
import type { Handle, PooledBuffer } from '../memory/Handle.js';
import { Heap } from '../memory/Heap.js';
import type { HeapLimits } from '../memory/Heap.js';
import { Commands } from './Commands.js';
import { Failure } from './Failure.js';
import { fillKernel } from './fill.js';
import type { Kernel, Variant } from './Kernel.js';
import type { Params } from './Params.js';
import { Readback } from './Readback.js';

type X = Operand<Handle>;

/** How the engine computes. */
export interface GpuSettings extends HeapLimits {
  readonly poison: boolean;
  /** Destroys the device with the backend: true where the backend made it. */
  readonly ownsDevice: boolean;
  /** The WGSL of a kernel. Default: its `code`. */
  readonly codeOf?: ((kernel: Kernel) => string) | undefined;
}

/** Most workgroups along one axis of a dispatch. */
const mostGroups = 65_535;
/** A quiet NaN that is easy to recognise, and a large number as i32. */
const poisonBits = 0x7fc0dead;

/** A device with tensors on it: storage, the command stream, and what failed. */
export class Gpu {
  readonly device: GPUDevice;
  readonly heap: Heap;
  readonly commands: Commands;
  readonly #pool: BufferPool;
  readonly #failure: Failure;
  readonly #readback: Readback;
  readonly #poison: boolean;
  readonly #ownsDevice: boolean;
  #op = '';
  #args: readonly unknown[] = [];
  #disposed = false;

  constructor(device: GPUDevice, settings: GpuSettings) {
    this.device = device;
    this.#poison = settings.poison;
    this.#ownsDevice = settings.ownsDevice;
    this.#failure = new Failure(device);
    this.#pool = new BufferPool(
      (bytes) => this.#createBuffer(bytes),
      () => this.commands.number,
      settings.largest,
    );
    this.commands = new Commands(device, this.#failure, () => this.#describe(), settings.codeOf ?? codeOf);
    this.heap = new Heap(this.#pool, settings, () => this.#trim());
    this.#readback = new Readback(device, this.commands, this.#failure);
  }

  /** Runs an op, which errors then name with its operands; where it throws, it leaves nothing behind. */
  attempt<A extends readonly unknown[], R>(name: string, op: (...args: A) => R, args: A): R {
    this.assertUsable();
    this.#op = name;
    this.#args = args;
    try {
      return this.heap.attempt(() => op(...args));
    } finally {
      this.#args = [];
    }
  }

  /** New storage, its content undefined; see `Heap.allocate` for errors. */
  allocate(shape: Shape, dtype: DType): Handle {
    const handle = this.heap.allocate(shape, dtype);
    if (this.#poison) this.#fillWithPoison(storageOf(handle).buffer);
    return handle;
  }

  /** A new tensor with these elements. */
  write(data: TypedArray, shape: Shape, dtype: DType): Handle {
    const handle = this.heap.allocate(shape, dtype, this.commands.number);
    const { buffer } = storageOf(handle);
    if (data.length > 0) this.device.queue.writeBuffer(buffer.gpu, 0, inPlainMemory(data));
    return handle;
  }

  /** The bytes of a tensor, after everything enqueued so far. */
  async read(x: X): Promise<ArrayBuffer> {
    const { buffer } = storageOf(x.handle);
    if (this.#failure.error !== null) throw this.#failure.error;
    const bytes = sizeOf(x.shape) * 4;
    if (bytes > 0) return this.#readback.read(buffer, x.handle.offset * 4, bytes);
    await this.#failure.settle();
    return new ArrayBuffer(0);
  }

  /** The buffer that a tensor lies in, from element `x.handle.offset` on. */
  buffer(x: X): PooledBuffer {
    return storageOf(x.handle).buffer;
  }

  /** As `buffer`, of a tensor that is to be overwritten: whoever shared its storage keeps the old values. */
  ownBuffer(x: X): PooledBuffer {
    this.heap.own(x.handle, x.shape, (from, offset, to) => {
      const bytes = sizeOf(x.shape) * 4;
      if (bytes === 0) return;
      this.commands.copy(from, offset * 4, to.gpu, 0, bytes);
      to.lastUse = this.commands.number;
    });
    return this.buffer(x);
  }

  /** Begins the parameters of the next dispatch. */
  begin(): Params {
    return this.commands.begin();
  }

  /** Enqueues a dispatch of `groups` workgroups, numbered `workgroup_id.x + workgroup_id.y · num_workgroups.x`, some beyond the last. */
  runLinear(
    kernel: Kernel,
    key: string,
    variant: (() => Variant) | null,
    buffers: readonly PooledBuffer[],
    groups: number,
  ): void {
    const rows = Math.ceil(groups / mostGroups);
    this.commands.run(kernel, key, variant, buffers, Math.ceil(groups / rows), rows);
  }

  /** @throws BackendError after `dispose` */
  assertUsable(): void {
    if (this.#disposed) throw new BackendError('This webgpu backend was disposed of; make a new one.');
  }

  /** Bytes of all buffers for tensors, spare ones included. */
  get bufferBytes(): number {
    return this.#pool.bytes;
  }

  /** What was made so far: after warm-up none of it grows. */
  get made(): { readonly buffers: number; readonly pipelines: number; readonly bindGroups: number } {
    const { compiled, bound } = this.commands.programs;
    return { buffers: this.#pool.created, pipelines: compiled, bindGroups: bound };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.commands.flush();
    this.#failure.end();
    this.#failure.fail(new BackendError('This webgpu backend was disposed of before the result was read.'));
    this.#readback.dispose();
    this.heap.dispose();
    this.#pool.trim();
    this.commands.dispose();
    if (this.#ownsDevice) this.device.destroy();
  }

  #createBuffer(bytes: number): GPUBuffer {
    const usage = 0x8c; // STORAGE | COPY_SRC | COPY_DST
    const what = `a buffer of ${bytes} bytes, for ${this.#describe()}`;
    return this.#failure.watch(
      'out-of-memory',
      () => what,
      () => this.device.createBuffer({ size: bytes, usage }),
    );
  }

  #trim(): void {
    this.commands.flush();
    this.commands.programs.forgetGroups();
    this.#pool.trim();
  }

  #fillWithPoison(buffer: PooledBuffer): void {
    const words = buffer.bytes / 4;
    this.begin().ints(words, poisonBits);
    this.runLinear(fillKernel, '', null, [buffer], Math.ceil(words / 256));
  }

  #describe(): string {
    const operands = this.#args.flatMap(operandsIn).slice(0, 8);
    return operands.length === 0 ? this.#op : `${this.#op} of ${operands.join(', ')}`;
  }
}

const codeOf = ({ code }: Kernel): string => code;

/** The same numbers where WebGPU can read them: what is shared between threads or resizable takes Dawn down, and pages refuse it. */
function inPlainMemory(data: TypedArray): TypedArray & ArrayBufferView<ArrayBuffer> {
  const { buffer } = data;
  const isPlain = buffer instanceof ArrayBuffer && !('resizable' in buffer && buffer.resizable);
  return (isPlain ? data : data.slice()) as TypedArray & ArrayBufferView<ArrayBuffer>;
}

/** Tensors and shapes in an argument, as errors show them. */
function operandsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  if ('handle' in value) {
    const { dtype, shape } = value as X;
    return [`${dtype} ${formatShape(shape)}`];
  }
  if (Array.isArray(value) && value.every((x) => typeof x === 'number')) return [formatShape(value)];
  return Object.values(value).flatMap(operandsIn);
}
