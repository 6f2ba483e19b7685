import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Folders whose packages count: the user's, and the command's own. */
export const defaultPlaces: readonly string[] = [process.cwd(), import.meta.dirname];

/**
 * Finds the main file of a package, null where it is not: in each place in turn, and beside the package `among` there, which brings
 * others.
 */
export function finder(places: readonly string[], among?: string): (name: string) => string | null {
  const all = places.flatMap((place) => {
    const whole = among === undefined ? null : resolved(place, among);
    return whole === null ? [place] : [place, dirname(whole)];
  });
  return (name) => all.map((place) => resolved(place, name)).find((file) => file !== null) ?? null;
}

function resolved(place: string, name: string): string | null {
  try {
    return createRequire(join(place, 'from.js')).resolve(name);
  } catch {
    return null;
  }
}

/** A module; of one that is CommonJS all that it exports. */
export async function importFile(file: string): Promise<unknown> {
  const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
  return module.default ?? module;
}
