import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The version of an installed package that does not tell its own; its entry lies in `dist`. */
export function packageVersion(name: string): string {
  const entry = createRequire(import.meta.url).resolve(name);
  const manifest = readFileSync(entry.replace(/dist[\\/][^\\/]*$/, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
