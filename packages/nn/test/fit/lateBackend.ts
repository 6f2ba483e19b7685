import { createBackend } from '@tempograd/backend-js';
import { BackendError, type Tensor } from '@tempograd/core';
import type { Backend } from '@tempograd/core/backend';

/** What a late backend was asked to do, in order. */
export type LateEvent = 'forward' | 'backward' | 'optimiser' | 'flush' | 'asked' | 'answered';

/** A backend like a device: what is enqueued is done in order, and only reads tell of it, later. */
export interface LateBackend {
  readonly backend: Backend;
  readonly events: LateEvent[];
  /** From now on the device has failed: ops go on as if nothing had happened, and reads reject. */
  fail(): void;
  /** A value, without asking the device. */
  peek(x: Tensor): number[];
}

export function lateBackend(): LateBackend {
  const real = createBackend();
  const { readSync, ...rest } = real;
  const events: LateEvent[] = [];
  let failed = false;
  const noting =
    <A extends readonly unknown[], R>(event: LateEvent, op: (...args: A) => R) =>
    (...args: A): R => {
      if (events.at(-1) !== event) events.push(event);
      return op(...args);
    };
  const backend = {
    ...rest,
    name: 'late',
    capabilities: { ...real.capabilities, syncRead: false },
    recurrentForward: noting('forward', real.recurrentForward!),
    recurrentBackward: noting('backward', real.recurrentBackward!),
    adamSteps: noting('optimiser', real.adamSteps!),
    flush: noting('flush', () => undefined),
    read: async (x: Parameters<typeof real.read>[0]) => {
      const values = real.read(x);
      if (events.at(-1) !== 'asked') events.push('asked');
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (failed)
        throw new BackendError('late: the device was lost; make a new backend and go on from the last checkpoint.');
      if (events.at(-1) !== 'answered') events.push('answered');
      return values;
    },
  } as unknown as Backend;
  return {
    backend,
    events,
    fail: () => void (failed = true),
    peek: (x) => [...readSync!(x as unknown as Parameters<typeof real.read>[0])],
  };
}
