import {
  BackendError,
  LifetimeError,
  bytesPerElement,
  sizeOf,
  type DType,
  type MemoryInfo,
  type Operand,
} from '@tempograd/core/backend';
import type { TfjsCore, TfjsTensor } from './TfjsCore.js';

/** What every op takes: a tensor of this backend. */
export type TfjsOperand = Operand<TfjsTensor>;

/**
 * Runs tfjs ops so that nothing but the result stays, also inside the user's own `tf.tidy`, and counts what is live.
 * Intermediate results inside one op are freed before it returns and are not counted.
 */
export class Runner {
  readonly tf: TfjsCore;
  /** The tfjs backend that was active when the adapter was made: `cpu`, `wasm`, `webgl` … */
  readonly device: string;
  readonly #live = new Set<TfjsTensor>();
  readonly #holders = new Map<object, number>();
  #bytes = 0;
  #peakBytes = 0;
  #disposed = false;

  constructor(tf: TfjsCore, device: string) {
    this.tf = tf;
    this.device = device;
  }

  /** The tfjs tensor of an operand. @throws LifetimeError when it was released before or is not of this backend. */
  tensor(x: TfjsOperand): TfjsTensor {
    if (this.#live.has(x.handle)) return x.handle;
    this.#assertAlive();
    throw new LifetimeError(
      `tfjs-${this.device}: this handle was released or was not made by this backend; ` +
        'use a tensor before it is disposed of, and bring a tfjs tensor over with fromTfjs().',
    );
  }

  /** Runs one op of the contract; its result belongs to the caller and outlives every `tf.tidy`. */
  run(op: () => TfjsTensor): TfjsTensor {
    return this.runAll(() => [op()])[0] as TfjsTensor;
  }

  /** As `run`, for an op that makes several tensors, or none in some places. */
  runAll<R extends readonly (TfjsTensor | null)[]>(op: () => R): R {
    this.#assertAlive();
    this.#assertActive();
    let made: R | undefined;
    // tidy gives what it returns to the scope around it; keep takes it out of every scope.
    this.tf.tidy(() => {
      made = op();
      for (const tensor of made) if (tensor !== null) this.tf.keep(tensor);
    });
    const results = made as R;
    for (const tensor of results) if (tensor !== null) this.#count(tensor);
    return results;
  }

  /** Does nothing once the backend was disposed of: that freed everything. */
  release(handle: TfjsTensor): void {
    if (this.#disposed) return;
    this.tensor({ handle, shape: handle.shape, dtype: 'f32' });
    this.#live.delete(handle);
    const holders = (this.#holders.get(handle.dataId) as number) - 1;
    if (holders > 0) this.#holders.set(handle.dataId, holders);
    else {
      this.#holders.delete(handle.dataId);
      this.#bytes -= bytesOf(handle);
    }
    handle.dispose();
  }

  info(): MemoryInfo {
    this.#assertAlive();
    return { buffers: this.#holders.size, bytes: this.#bytes, peakBytes: this.#peakBytes };
  }

  resetPeak(): void {
    this.#assertAlive();
    this.#peakBytes = this.#bytes;
  }

  /** Frees what is live; tfjs itself and its other tensors stay as they are. */
  dispose(): void {
    for (const handle of this.#live) handle.dispose();
    this.#live.clear();
    this.#holders.clear();
    this.#disposed = true;
  }

  #count(tensor: TfjsTensor): void {
    this.#live.add(tensor);
    const holders = this.#holders.get(tensor.dataId) ?? 0;
    this.#holders.set(tensor.dataId, holders + 1);
    if (holders > 0) return;
    this.#bytes += bytesOf(tensor);
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes);
  }

  #assertAlive(): void {
    if (this.#disposed) {
      throw new BackendError(`tfjs-${this.device}: this backend was disposed of; make another with tfjs(tf).`);
    }
  }

  #assertActive(): void {
    const active = this.tf.getBackend();
    if (active === this.device) return;
    throw new BackendError(
      `tfjs-${this.device}: the active backend of tfjs is now ${active}, on which these ops would run instead. ` +
        `Call tf.setBackend('${this.device}') again, or make a new adapter with tfjs(tf) and new tensors.`,
    );
  }
}

/** The name that tfjs gives an element type. */
export function tfjsType(dtype: DType): 'float32' | 'int32' {
  return dtype === 'i32' ? 'int32' : 'float32';
}

function bytesOf(tensor: TfjsTensor): number {
  return sizeOf(tensor.shape) * bytesPerElement('f32');
}
