import { readdirSync, statSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.js';
import { readManifest } from './workspace.js';

/**
 * The packages of others that the workspace has installed, by name: the folders of their versions. So that what users install can be
 * installed without a network.
 *
 * @param {string} base the folder of the workspace
 * @returns {Map<string, string[]>}
 */
export function installedPackages(base) {
  const store = join(base, 'node_modules/.pnpm');
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const entry of readdirSync(store, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    // Of what stands there only the package itself is a folder; what it depends on is linked.
    for (const [name, folder] of foldersIn(join(store, entry.name, 'node_modules'))) {
      const known = found.get(name) ?? [];
      const { version } = readManifest(join(folder, 'package.json'));
      // The same version is there several times where its peers differ.
      if (!known.some((other) => readManifest(join(other, 'package.json')).version === version)) {
        found.set(name, [...known, folder]);
      }
    }
  }
  return found;
}

/**
 * @param {string} modules
 * @returns {[name: string, folder: string][]}
 */
function foldersIn(modules) {
  if (statSync(modules, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(modules, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory() || entry.name.startsWith('.')) return [];
    const folder = join(modules, entry.name);
    if (!entry.name.startsWith('@')) return [[entry.name, folder]];
    return foldersIn(folder).map(([name, inner]) => [`${entry.name}/${name}`, inner]);
  });
}

/**
 * Packs a folder as it is, without what was installed in it.
 *
 * @param {string} folder
 * @param {string} destination a new folder for this one package
 * @returns {Promise<string>} the tarball
 */
export async function packFolder(folder, destination) {
  // Copied first: files that pnpm keeps once would be links in the tarball, which installers leave out.
  const skipped = join(folder, 'node_modules');
  await cp(folder, join(destination, 'package'), { recursive: true, filter: (file) => file !== skipped });
  await run('tar', ['-czf', 'package.tgz', 'package'], { cwd: destination });
  return join(destination, 'package.tgz');
}
