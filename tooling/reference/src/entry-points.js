import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { publishedPackages } from '../../release/src/workspace.js';

/** @typedef {{ name: string, file: string }} EntryPoint what one imports, and the source that it means */

/**
 * Everything that can be imported from the packages of a workspace.
 *
 * @param {string} base the folder of the workspace
 * @returns {EntryPoint[]}
 */
export function entryPoints(base) {
  return publishedPackages(base).flatMap(({ folder, manifest: { name, exports: entries = {} } }) =>
    Object.keys(entries)
      .filter((subpath) => subpath !== './package.json')
      .map((subpath) => ({
        name: name + subpath.slice(1),
        file: join(base, folder, 'src', subpath === '.' ? '' : subpath, 'index.ts'),
      })),
  );
}

/**
 * The documents that stand beside the reference: each a page of it, so that links among them lead on.
 *
 * @param {string} base the folder of the workspace
 * @returns {string[]} their paths
 */
export function documents(base) {
  const within = (/** @type {string} */ folder) =>
    existsSync(join(base, folder)) ? readdirSync(join(base, folder)).map((name) => join(folder, name)) : [];
  const readmes = [
    ...within('packages'),
    ...within('apps'),
    'attacks',
    'bench',
    'bench/experiments',
    'packages/backend-wasm/assembly',
  ];
  return [
    'docs/README.md',
    ...within('docs/guides'),
    ...within('docs/experiments'),
    ...readmes.map((folder) => join(folder, 'README.md')),
  ]
    .concat('CONTRIBUTING.md', ...within('docs/decisions'))
    .filter((file) => file.endsWith('.md') && existsSync(join(base, file)))
    .map((file) => join(base, file));
}
