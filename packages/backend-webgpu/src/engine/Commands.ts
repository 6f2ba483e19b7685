import type { PooledBuffer } from '../memory/Handle.js';
import type { Failure } from './Failure.js';
import type { Kernel, Variant } from './Kernel.js';
import { Params, slotBytes } from './Params.js';
import { Programs } from './Programs.js';
import type { Program } from './Programs.js';

/** Dispatches of one command buffer; with more it is handed in and the next begun. */
const mostDispatches = 4096;

/** What has been asked of the device since the backend was made. */
export interface Counts {
  dispatches: number;
  submissions: number;
  readBacks: number;
}

/** The commands of a step, gathered into one command buffer, in one compute pass as far as copies allow. */
export class Commands {
  readonly params: Params = new Params(mostDispatches);
  readonly programs: Programs;
  readonly counts: Counts = { dispatches: 0, submissions: 0, readBacks: 0 };
  readonly #device: GPUDevice;
  readonly #failure: Failure;
  readonly #paramsBuffer: GPUBuffer;
  readonly #what: () => string;
  /** A list of one, which in Node is handed on faster than a typed array. */
  readonly #dynamicOffset = [0];
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  /** What the pass was last told to run. */
  #program: Program | null = null;
  #number = 0;
  /** Ops that run something for the first time in this command buffer: whom to suspect where the device finds fault with it. */
  #newOps: string[] = [];
  #compiled = 0;

  /** `what` names the op that is running, for errors; `codeOf` gives the WGSL of a kernel. */
  constructor(device: GPUDevice, failure: Failure, what: () => string, codeOf: (kernel: Kernel) => string) {
    this.#device = device;
    this.#failure = failure;
    this.#what = what;
    const usage = 0x48; // UNIFORM | COPY_DST
    this.#paramsBuffer = device.createBuffer({ label: 'parameters', size: this.params.bytes.length, usage });
    this.programs = new Programs(device, failure, this.#paramsBuffer, codeOf);
  }

  /** Number of the command buffer that is being gathered. */
  get number(): number {
    return this.#number;
  }

  /** Begins the parameters of a dispatch, which `run` then enqueues. */
  begin(): Params {
    if (this.params.used === this.params.slots) this.flush();
    return this.params.next();
  }

  /**
   * Enqueues a dispatch with the parameters begun last: `buffers` in the order of the kernel's bindings, so many workgroups.
   * `key` tells the variant from others of the kernel.
   */
  run(
    kernel: Kernel,
    key: string,
    variant: (() => Variant) | null,
    buffers: readonly PooledBuffer[],
    x: number,
    y = 1,
    z = 1,
  ): void {
    const program = this.programs.find(kernel, key, variant, this.#what);
    if (this.programs.compiled > this.#compiled) {
      this.#compiled = this.programs.compiled;
      this.#newOps.push(this.#what());
    }
    const pass = this.#pass ?? this.#beginPass();
    if (program !== this.#program) pass.setPipeline(program.pipeline);
    this.#program = program;
    this.#dynamicOffset[0] = this.params.offset;
    pass.setBindGroup(0, this.programs.group(program, buffers), this.#dynamicOffset);
    pass.dispatchWorkgroups(x, y, z);
    for (let i = 0; i < buffers.length; i++) (buffers[i] as PooledBuffer).lastUse = this.#number;
    this.counts.dispatches++;
  }

  #beginPass(): GPUComputePassEncoder {
    this.#encoder ??= this.#device.createCommandEncoder();
    this.#program = null;
    return (this.#pass = this.#encoder.beginComputePass());
  }

  /** Enqueues a copy between buffers, in bytes. */
  copy(from: PooledBuffer, fromByte: number, to: GPUBuffer, toByte: number, bytes: number): void {
    this.#encoder ??= this.#device.createCommandEncoder();
    this.#pass?.end();
    this.#pass = null;
    this.#encoder.copyBufferToBuffer(from.gpu, fromByte, to, toByte, bytes);
    from.lastUse = this.#number;
  }

  /** Hands in what was gathered. */
  flush(): void {
    const encoder = this.#encoder;
    if (encoder === null) {
      // Of ops that threw before they enqueued anything.
      this.params.clear();
      return;
    }
    this.#encoder = null;
    this.#pass?.end();
    this.#pass = null;
    const ops = this.#newOps;
    if (ops.length > 0) this.#newOps = [];
    const { used, bytes } = this.params;
    const what = (): string => (ops.length === 0 ? 'commands' : `commands, among them ${ops.slice(0, 5).join(', ')}`);
    this.#failure.watch('validation', what, () => {
      if (used > 0) this.#device.queue.writeBuffer(this.#paramsBuffer, 0, bytes, 0, used * slotBytes);
      this.#device.queue.submit([encoder.finish()]);
    });
    this.params.clear();
    this.counts.submissions++;
    this.#number++;
  }

  dispose(): void {
    this.#paramsBuffer.destroy();
  }
}
