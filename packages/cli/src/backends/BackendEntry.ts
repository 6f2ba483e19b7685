import type { Deviation } from '@tempograd/conformance';
import type { Backend } from '@tempograd/core';
import { codeOf, Failure, messageOf } from '../Failure.js';

/** What a package or module of a backend exports. */
export interface BackendModule {
  createBackend(): Backend | Promise<Backend>;
  /** Cases of the conformance suite that it does not pass, each with its reason; `check` takes them for what they are. */
  readonly deviations?: readonly Deviation[];
}

/** A backend that may be here. */
export interface BackendEntry {
  readonly name: string;
  /** What to do to have it. */
  readonly remedy: string;
  /** @throws NotInstalled, or an error with the code `ERR_MODULE_NOT_FOUND`, where it is not here. */
  readonly load: () => Promise<BackendModule>;
}

/** A backend that was started. */
export interface StartedBackend {
  readonly backend: Backend;
  readonly deviations: readonly Deviation[];
}

/** Packages of a backend are missing. */
export class NotInstalled extends Failure {}

/** This machine has nothing for a backend to run on. */
export class NotAvailable extends Failure {}

/** Starts a backend. @throws NotInstalled where its packages are missing, NotAvailable where a device is; what it throws where it does not start. */
export async function start(entry: BackendEntry): Promise<StartedBackend> {
  const module = await load(entry);
  if (typeof module.createBackend !== 'function') throw new Failure(`has no createBackend(): ${entry.remedy}`);
  return { backend: await module.createBackend(), deviations: module.deviations ?? [] };
}

async function load(entry: BackendEntry): Promise<BackendModule> {
  try {
    return await entry.load();
  } catch (cause) {
    if (codeOf(cause) !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new NotInstalled(`is not installed: ${entry.remedy}`, { cause });
  }
}

/** What is wrong with a backend that did not start, to follow its name. */
export function reasonOf(error: unknown): string {
  const message = messageOf(error);
  return error instanceof Failure ? message : `does not start: ${message}`;
}
