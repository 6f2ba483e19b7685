import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Backend } from '@tempograd/core';
import { codeOf, Failure, UsageError } from './Failure.js';

/** What a package or module of a backend exports. */
interface BackendModule {
  createBackend(): Backend | Promise<Backend>;
}

interface BackendEntry {
  readonly name: string;
  /** What to install to have it. */
  readonly source: string;
  readonly load: () => Promise<BackendModule>;
}

/** The backends the command knows, the fastest first. */
const known: readonly BackendEntry[] = [
  { name: 'wasm', source: '@tempograd/backend-wasm', load: () => import('@tempograd/backend-wasm') },
  { name: 'js', source: '@tempograd/backend-js', load: () => import('@tempograd/backend-js') },
];

/** A backend that was asked for or chosen. */
export interface OpenBackend {
  readonly backend: Backend;
  /** Faster ones that could not be had, each with the reason. */
  readonly passedOver: readonly { readonly name: string; readonly reason: string }[];
}

/** Names of the backends that start on this machine, the fastest first. */
export async function installedBackends(): Promise<string[]> {
  const names: string[] = [];
  for (const entry of known) {
    try {
      (await start(entry)).dispose?.();
      names.push(entry.name);
    } catch {
      // Not one of those that start.
    }
  }
  return names;
}

/**
 * The backend of that name, of a module (`./my-backend.js`, a package with a scope), or without a name the fastest that starts.
 * @throws UsageError for a name that is none, listing those that are; Failure for a backend that does not start.
 */
export async function openBackend(name?: string): Promise<OpenBackend> {
  if (name !== undefined) return { backend: await openNamed(name), passedOver: [] };
  const passedOver: { name: string; reason: string }[] = [];
  for (const entry of known) {
    try {
      return { backend: await start(entry), passedOver };
    } catch (error) {
      passedOver.push({ name: entry.name, reason: reasonOf(error, entry) });
    }
  }
  throw new Failure(
    `No backend starts here: ${passedOver.map((each) => `${each.name} ${each.reason}`).join('; ')}. ` +
      'Install @tempograd/cli again.',
  );
}

async function openNamed(name: string): Promise<Backend> {
  const entry = known.find((each) => each.name === name) ?? ownModule(name);
  if (entry === null) {
    const installed = (await installedBackends()).join(', ');
    throw new UsageError(
      `There is no backend "${name}". Installed here: ${installed}. A module of your own: ./its-path.js`,
    );
  }
  try {
    return await start(entry);
  } catch (error) {
    const installed = (await installedBackends()).join(', ');
    throw new Failure(`The backend "${name}" ${reasonOf(error, entry)}. Installed here: ${installed}.`, {
      cause: error,
    });
  }
}

/** A module that exports `createBackend`: a path, or a package with a scope. */
function ownModule(name: string): BackendEntry | null {
  if (name.startsWith('.') || isAbsolute(name)) {
    const url = pathToFileURL(resolve(name)).href;
    return { name, source: name, load: () => import(url) as Promise<BackendModule> };
  }
  return name.startsWith('@') ? { name, source: name, load: () => import(name) as Promise<BackendModule> } : null;
}

async function start({ load, source }: BackendEntry): Promise<Backend> {
  const module = await load();
  if (typeof module.createBackend !== 'function') throw new Failure(`has no createBackend() in ${source}`);
  return module.createBackend();
}

function reasonOf(error: unknown, { source }: BackendEntry): string {
  const message = error instanceof Error ? error.message : String(error);
  if (codeOf(error) === 'ERR_MODULE_NOT_FOUND') return `is not installed (${source} was not found)`;
  return error instanceof Failure ? message : `does not start: ${message}`;
}
