import {
  BackendError,
  contractChanges,
  fusedFamilies,
  specificationVersion,
  type Backend,
  type FusedOps,
} from '../backend/index.js';
import { describe } from '../backend/optionErrors.js';
import { refuseAsync } from './refuseAsync.js';

let selected: Backend | null = null;
const checked = new WeakSet<Backend>();

/**
 * Selects the backend that new tensors are made on, from now on.
 * @throws BackendError when it was made for another version of the contract, or has half of an optional family.
 */
export function useBackend(backend: Backend): void {
  checkBackend(backend);
  selected = backend;
}

/**
 * Runs `fn` with another backend selected, and selects the former one again.
 * @throws ArgumentError when `fn` is async: after its first `await` the former backend would be selected.
 */
export function withBackend<R>(backend: Backend, fn: () => R): R {
  checkBackend(backend);
  const former = selected;
  selected = backend;
  try {
    const result = fn();
    refuseAsync(
      'withBackend',
      result,
      'After its first await the former backend would be selected again. Do the awaiting outside, and call withBackend for ' +
        'each part between two awaits; or select the backend with useBackend().',
    );
    return result;
  } finally {
    selected = former;
  }
}

/** The selected backend. @throws BackendError when none is. */
export function currentBackend(): Backend {
  if (selected === null) {
    throw new BackendError(
      'No backend is selected. Import one and select it before making tensors: ' +
        "`import { createBackend } from '@tempograd/backend-js'; useBackend(createBackend());`",
    );
  }
  return selected;
}

/** A backend that was given, once checked, or the selected one. @throws BackendError as `useBackend` and `currentBackend`. */
export function backendOf(given: Backend | undefined): Backend {
  if (given === undefined) return currentBackend();
  checkBackend(given);
  return given;
}

/** Refuses a backend of another specification version, and one that has a fused forward without its backward. */
export function checkBackend(backend: Backend): void {
  if (checked.has(backend)) return;
  const version: unknown = (backend as Partial<Backend> | null | undefined)?.specificationVersion;
  if (typeof version !== 'number') {
    throw new BackendError(
      `A backend is wanted, as createBackend() makes it, but was given ${describe(backend)}. ` +
        "`import { createBackend } from '@tempograd/backend-wasm'; useBackend(await createBackend());`",
    );
  }
  if (version !== specificationVersion) {
    throw new BackendError(
      `Backend "${backend.name}" was made for version ${version} of the backend contract; ` +
        `this @tempograd/core has version ${specificationVersion}. Install matching versions of both packages.${changesSince(version)}`,
    );
  }
  for (const [family, members] of Object.entries(fusedFamilies)) {
    const missing = members.filter((member: keyof FusedOps) => backend[member] === undefined);
    if (missing.length > 0 && missing.length < members.length) {
      throw new BackendError(
        `Backend "${backend.name}" has part of the optional family "${family}" but lacks ${missing.join(', ')}; it needs all or none.`,
      );
    }
  }
  checked.add(backend);
}

function changesSince(version: number): string {
  const changes = Object.entries(contractChanges).filter(([since]) => Number(since) > version);
  return changes.map(([since, change]) => ` New in version ${since}: ${change}.`).join('');
}
