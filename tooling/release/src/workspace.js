import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the whole workspace. */
export const root = join(import.meta.dirname, '../../..');

/**
 * What the release looks at in a `package.json`.
 *
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {boolean} [private]
 * @property {string} [type]
 * @property {string} [description]
 * @property {string[]} [keywords]
 * @property {string} [license]
 * @property {unknown} [repository]
 * @property {Record<string, string>} [engines]
 * @property {boolean | string[]} [sideEffects]
 * @property {string[]} [files]
 * @property {Record<string, string>} [bin]
 * @property {Record<string, string | { types: string, default: string }>} [exports]
 * @property {Record<string, string>} [publishConfig]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, { optional?: boolean }>} [peerDependenciesMeta]
 */

/** @typedef {{ folder: string, manifest: Manifest }} Member a package of the workspace, and where it is in it */

/**
 * @param {string} file
 * @returns {Manifest}
 */
export function readManifest(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * Every package of a workspace.
 *
 * @param {string} base the folder of the workspace
 * @returns {Member[]}
 */
export function members(base) {
  const folders = ['packages', 'tooling', 'apps'].flatMap((group) =>
    existsSync(join(base, group)) ? readdirSync(join(base, group)).map((name) => join(group, name)) : [],
  );
  return [...folders, 'attacks', 'bench', 'bench/experiments'].flatMap((folder) => {
    const file = join(base, folder, 'package.json');
    return existsSync(file) ? [{ folder, manifest: readManifest(file) }] : [];
  });
}

/**
 * The packages of a workspace that are published.
 *
 * @param {string} base the folder of the workspace
 * @returns {Member[]}
 */
export function publishedPackages(base) {
  return members(base).filter(({ manifest }) => manifest.private !== true);
}
