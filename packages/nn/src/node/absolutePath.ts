import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A path that means the same file whatever folder is the current one later. */
export function absolutePath(path: string | URL): string {
  return path instanceof URL ? fileURLToPath(path) : resolve(path);
}
