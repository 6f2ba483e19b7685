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

/** Reads results back: what is asked for in one turn of the event loop comes in one piece, by one map. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #commands: Commands;
  readonly #failure: Failure;
  readonly #free = new Map<number, GPUBuffer[]>();
  #batch: Batch | null = null;

  constructor(device: GPUDevice, commands: Commands, failure: Failure) {
    this.#device = device;
    this.#commands = commands;
    this.#failure = failure;
  }

  /** The bytes as they are after everything enqueued so far. */
  read(buffer: PooledBuffer, fromByte: number, bytes: number): Promise<ArrayBuffer> {
    if (this.#batch !== null && this.#batch.used + bytes > this.#batch.staging.size) this.#send();
    const batch = (this.#batch ??= this.#begin(bytes));
    const byte = batch.used;
    batch.used += bytes;
    this.#commands.copy(buffer, fromByte, batch.staging, byte, bytes);
    return new Promise((resolve, reject) => batch.pieces.push({ byte, bytes, resolve, reject }));
  }

  #begin(bytes: number): Batch {
    queueMicrotask(() => this.#send());
    const size = sizeClass(Math.max(bytes, smallestStaging));
    const staging = this.#free.get(size)?.pop() ?? this.#device.createBuffer({ label: 'read-back', size, usage });
    return { staging, pieces: [], used: 0 };
  }

  #send(): void {
    const batch = this.#batch;
    if (batch === null) return;
    this.#batch = null;
    this.#commands.flush();
    this.#commands.counts.readBacks++;
    void this.#receive(batch);
  }

  async #receive({ staging, pieces, used }: Batch): Promise<void> {
    try {
      await staging.mapAsync(1 /* READ */, 0, used);
      await this.#failure.settle();
      const mapped = staging.getMappedRange(0, used);
      for (const { byte, bytes, resolve } of pieces) resolve(mapped.slice(byte, byte + bytes));
      staging.unmap();
      const free = this.#free.get(staging.size);
      if (free) free.push(staging);
      else this.#free.set(staging.size, [staging]);
    } catch (cause) {
      const error = await this.#failure.explain(cause);
      for (const { reject } of pieces) reject(error);
      staging.destroy();
    }
  }

  dispose(): void {
    for (const free of this.#free.values()) for (const staging of free) staging.destroy();
    this.#free.clear();
  }
}
