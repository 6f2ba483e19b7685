import { BackendError, OutOfMemoryError } from '@tempograd/core/backend';

/**
 * What went wrong on the device, which nobody learns at once: it is kept, and every read from then on is rejected with it.
 * The first failure counts; what follows from it says less.
 */
export class Failure {
  readonly #device: GPUDevice;
  readonly #pending = new Set<Promise<void>>();
  #error: BackendError | null = null;
  #over = false;

  constructor(device: GPUDevice) {
    this.#device = device;
    void this.#watchLoss();
  }

  async #watchLoss(): Promise<void> {
    const { reason, message } = await this.#device.lost;
    if (!this.#over) this.fail(lostError(reason, message));
  }

  get error(): BackendError | null {
    return this.#error;
  }

  fail(error: BackendError): void {
    this.#error ??= error;
  }

  /** From now on a lost device is what was wanted. */
  end(): void {
    this.#over = true;
  }

  /** Runs `make`, and keeps it for a failure where the device finds fault with it; `what` says what was made, and for what. */
  watch<T>(filter: GPUErrorFilter, what: () => string, make: () => T): T {
    this.#device.pushErrorScope(filter);
    try {
      return make();
    } finally {
      void this.#await(this.#hear(filter, what, this.#device.popErrorScope()));
    }
  }

  async #hear(filter: GPUErrorFilter, what: () => string, popped: Promise<GPUError | null>): Promise<void> {
    try {
      const error = await popped;
      if (error !== null) this.fail(deviceError(filter, what(), error.message));
    } catch {
      // A lost device answers no more; that it is lost is what will be told.
    }
  }

  async #await(heard: Promise<void>): Promise<void> {
    this.#pending.add(heard);
    await heard;
    this.#pending.delete(heard);
  }

  /** Throws what has gone wrong up to here, once the device has answered for it. */
  async settle(): Promise<void> {
    await Promise.all(this.#pending);
    if (this.#error !== null) throw this.#error;
  }

  /** What a rejected map means: mostly that the device was lost, of which it is told a moment later. */
  async explain(cause: unknown): Promise<BackendError> {
    if (this.#error === null)
      await Promise.race([this.#device.lost, new Promise((resolve) => setTimeout(resolve, 100))]);
    return this.#error ?? new BackendError(`The webgpu backend could not read a result: ${String(cause)}`, { cause });
  }
}

function lostError(reason: GPUDeviceLostReason, message: string): BackendError {
  const why =
    reason === 'destroyed'
      ? 'The GPU device was destroyed'
      : 'The GPU device was lost: its driver was reset, it was taken away, or a program ran too long';
  return new BackendError(
    `${why}${message ? ` (${message})` : ''}. What was not read by then is gone. ` +
      'Make a new backend with createBackend, and go on from a checkpoint, if one was saved; one written on this backend is read on any.',
  );
}

function deviceError(filter: GPUErrorFilter, what: string, message: string): BackendError {
  if (filter === 'out-of-memory') {
    return new OutOfMemoryError(
      `The GPU has no memory left for ${what} (${message}). What was not read by then is lost: make a new backend, and go on ` +
        'a checkpoint, if one was saved, with a shorter chunk, a smaller batch, or a memoryLimit, so that the backend refuses before ' +
        'the device does.',
    );
  }
  return new BackendError(`The GPU refused ${what}: ${message}`);
}
