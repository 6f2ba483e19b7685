import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure, UsageError } from '../Failure.js';
import { reasonOf, start, type BackendEntry, type BackendModule, type StartedBackend } from './BackendEntry.js';
import { knownBackends } from './knownBackends.js';

/** A backend that was asked for or chosen. */
export interface OpenBackend extends StartedBackend {
  /** Faster ones that could not be had, each with the reason. */
  readonly passedOver: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * The backend of that name, of a module (`./my-backend.js`, a package with a scope), or without a name the fastest that starts.
 * @throws UsageError for a name that is none, listing those that are; Failure for a backend that does not start.
 */
export async function openBackend(name?: string): Promise<OpenBackend> {
  if (name !== undefined) return { ...(await startNamed(name)), passedOver: [] };
  const passedOver: { name: string; reason: string }[] = [];
  for (const entry of knownBackends) {
    try {
      return { ...(await start(entry)), passedOver };
    } catch (error) {
      passedOver.push({ name: entry.name, reason: reasonOf(error) });
    }
  }
  throw new Failure(
    `No backend starts here: ${passedOver.map((each) => `${each.name} ${each.reason}`).join('; ')}. ` +
      'Install @tempograd/cli again.',
  );
}

async function startNamed(name: string): Promise<StartedBackend> {
  const entry = await entryOf(name);
  try {
    return await start(entry);
  } catch (cause) {
    throw new Failure(`The backend "${name}" ${reasonOf(cause)}. Installed here: ${await installedNames(name)}.`, {
      cause,
    });
  }
}

/** What is known of the backend of that name, or the module. @throws UsageError for a name that is none, listing those that are. */
export async function entryOf(name: string): Promise<BackendEntry> {
  const entry = knownBackends.find((each) => each.name === name) ?? ownModule(name);
  if (entry !== null) return entry;
  throw new UsageError(
    `There is no backend "${name}". Installed here: ${await installedNames()}. A module of your own: ./its-path.js`,
  );
}

/** A module that exports `createBackend`: a path, or a package with a scope. */
function ownModule(name: string): BackendEntry | null {
  if (name.startsWith('.') || isAbsolute(name)) {
    const url = pathToFileURL(resolve(name)).href;
    return {
      name,
      remedy: `${name} must be a module that exports it`,
      load: () => import(url) as Promise<BackendModule>,
    };
  }
  if (!name.startsWith('@')) return null;
  return { name, remedy: `npm install ${name}`, load: () => import(name) as Promise<BackendModule> };
}

/** The backends to choose from, without one that was tried. */
async function installedNames(tried?: string): Promise<string> {
  const nameIfInstalled = (entry: BackendEntry): Promise<string[]> =>
    entry.load().then(
      () => [entry.name],
      () => [],
    );
  return (await Promise.all(knownBackends.filter(({ name }) => name !== tried).map(nameIfInstalled))).flat().join(', ');
}
