import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.js';
import { publishedPackages } from './workspace.js';

/** @import { Program } from './programs.js' */

/** @typedef {{ name: string, version: string, tarball: string }} Packed */

/**
 * Packs every package that is published.
 *
 * @param {string} base the folder of the workspace, built
 * @param {string} destination where the tarballs go
 * @param {Program} pnpm
 * @returns {Promise<Packed[]>}
 */
export async function pack(base, destination, pnpm) {
  mkdirSync(destination, { recursive: true });
  await run(
    pnpm.command,
    [...pnpm.args, '--recursive', '--filter', './packages/*', 'pack', '--pack-destination', destination],
    { cwd: base },
  );
  return publishedPackages(base).map(({ manifest: { name, version } }) => ({
    name,
    version,
    tarball: join(destination, `${name.slice(1).replace('/', '-')}-${version}.tgz`),
  }));
}
