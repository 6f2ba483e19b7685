import type { Commands } from './Commands.js';
import type { Failure } from './Failure.js';
import type { PooledBuffer } from '../memory/Handle.js';
import { sizeClass } from '../memory/sizeClass.js';

/** A piece of one staging buffer, and who waits for it. */
interface Piece {
  readonly byte: number;
  readonly bytes: number;
  readonly resolve: (bytes: ArrayBuffer) => void;
  readonly reject: (error: unknown) => void;
}

interface Batch {
  readonly staging: GPUBuffer;
  readonly pieces: Piece[];
  used: number;
}

const usage = 0x9; // MAP_READ | COPY_DST
/** The least a staging buffer holds: many scalars, which are what is read again and again. */
const smallestStaging = 4096;
/** Larger ones are not kept for the next read: checkpoints are read seldom. */
const largestKept = 2 ** 20;

/** Reads results back: what is asked for in one turn of the event loop comes by one submission and, if it is little, by one map. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #commands: Commands;
  readonly #failure: Failure;
  readonly #free = new Map<number, GPUBuffer[]>();
  /** Of this turn. */
  #batches: Batch[] = [];

  constructor(device: GPUDevice, commands: Commands, failure: Failure) {
    this.#device = device;
    this.#commands = commands;
    this.#failure = failure;
  }

  /** The bytes as they are after everything enqueued so far. */
  read(buffer: PooledBuffer, fromByte: number, bytes: number): Promise<ArrayBuffer> {
    const newest = this.#batches.at(-1);
    const fits = newest !== undefined && newest.used + bytes <= newest.staging.size;
    const batch = fits ? newest : this.#begin(bytes);
    const byte = batch.used;
    batch.used += bytes;
    this.#commands.copy(buffer, fromByte, batch.staging, byte, bytes);
    return new Promise((resolve, reject) => batch.pieces.push({ byte, bytes, resolve, reject }));
  }

  #begin(bytes: number): Batch {
    if (this.#batches.length === 0) queueMicrotask(() => this.#send());
    const size = sizeClass(Math.max(bytes, smallestStaging), this.#device.limits.maxBufferSize);
    const staging = this.#free.get(size)?.pop() ?? this.#create(size);
    const batch: Batch = { staging, pieces: [], used: 0 };
    this.#batches.push(batch);
    return batch;
  }

  #create(size: number): GPUBuffer {
    const what = (): string => `a buffer of ${size} bytes to read results from`;
    return this.#failure.watch('out-of-memory', what, () =>
      this.#device.createBuffer({ label: 'read-back', size, usage }),
    );
  }

  #send(): void {
    const batches = this.#batches;
    this.#batches = [];
    this.#commands.flush();
    this.#commands.counts.readBacks += batches.length;
    for (const batch of batches) void this.#receive(batch);
  }

  async #receive({ staging, pieces, used }: Batch): Promise<void> {
    try {
      await staging.mapAsync(1 /* READ */, 0, used);
      await this.#failure.settle();
      const mapped = staging.getMappedRange(0, used);
      for (const { byte, bytes, resolve } of pieces) resolve(mapped.slice(byte, byte + bytes));
      staging.unmap();
      this.#keep(staging);
    } catch (cause) {
      const error = await this.#failure.explain(cause);
      for (const { reject } of pieces) reject(error);
      staging.destroy();
    }
  }

  #keep(staging: GPUBuffer): void {
    if (staging.size > largestKept) {
      staging.destroy();
      return;
    }
    const free = this.#free.get(staging.size);
    if (free) free.push(staging);
    else this.#free.set(staging.size, [staging]);
  }

  dispose(): void {
    for (const free of this.#free.values()) for (const staging of free) staging.destroy();
    this.#free.clear();
  }
}
