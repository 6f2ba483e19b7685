import { readFileSync } from 'node:fs';
import type { Backend } from '@tempograd/core/backend';
import { makeBackend } from '../../src/createBackend.js';
import type { Internals } from '../../src/createBackend.js';

/** A fault put into one shader on purpose, and what must see it. */
export interface Mutant {
  readonly name: string;
  /** In `src`. */
  readonly file: string;
  /** What stands in the file exactly once, and what stands there instead. */
  readonly find: string;
  readonly replace: string;
  /** Set where it is in a kernel of segments whose steps are dispatched one by one, which small ones are not unless told to be. */
  readonly path?: 'step';
  /** Full names of conformance cases, every one of which must fail; or, where the suite cannot see the fault, a unit test's check that must throw. */
  readonly caughtBy: readonly string[] | Check;
}

/** What a unit test checks of a backend made of these internals. */
export type Check = (internals: Internals) => Promise<void>;

/** Shaders with a fault, and the names of the kernels that were compiled with it. */
export interface Mutation {
  readonly internals: Internals;
  readonly compiled: ReadonlySet<string>;
}

/** @throws Error where the text to be replaced does not stand in the file exactly once, because somebody has changed it */
export function mutationOf({ name, file, find, replace, path }: Mutant): Mutation {
  const text = readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8');
  const count = text.split(find).length - 1;
  if (count !== 1) {
    throw new Error(
      `"${name}" replaces what stands ${count} times in ${file}, not once: ${find}. The shader was changed; change the mutant too.`,
    );
  }
  // Where a file is included it stands as it is, but for its own includes.
  const piece = text.split(/^\/\/! include .*$/m).find((part) => part.includes(find)) as string;
  const faulty = piece.replace(find, () => replace);
  const compiled = new Set<string>();
  const codeOf: Internals['codeOf'] = (kernel) => {
    if (!kernel.code.includes(piece)) return kernel.code;
    compiled.add(kernel.name);
    return kernel.code.replace(piece, () => faulty);
  };
  return { internals: { codeOf, ...pathOf(path) }, compiled };
}

/** What makes segments take a path; nothing for the one that suits their size. */
export function pathOf(path: Mutant['path']): Pick<Internals, 'recurrent'> {
  return path === undefined ? {} : { recurrent: { path } };
}

/** A backend for `use`, disposed of afterwards; on a device of its own where none is given. */
export async function withBackend(
  internals: Internals,
  device: { readonly device?: GPUDevice },
  use: (backend: Backend) => Promise<void>,
): Promise<void> {
  const backend = await makeBackend({ ...device, poison: true }, internals);
  try {
    await use(backend);
  } finally {
    backend.dispose?.();
  }
}
