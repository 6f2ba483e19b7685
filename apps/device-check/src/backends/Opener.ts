import type { Deviation } from '@tempograd/conformance';
import type { Backend } from '@tempograd/core/backend';

/** A backend to check, and the cases that it does not pass on purpose. */
export interface Opened {
  readonly backend: Backend;
  readonly deviations: readonly Deviation[];
}

/** Starts a backend in a worker. @throws Absent where the browser has not what it takes */
export type Opener = () => Promise<Opened>;
