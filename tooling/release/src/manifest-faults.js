import { isDeepStrictEqual } from 'node:util';

/** @import { Manifest } from './workspace.js' */

/**
 * What a package's `package.json` lacks to be published.
 *
 * @param {Manifest} manifest
 * @param {string} folder where the package is in the repository
 * @param {Manifest} workspace the `package.json` of the root, with what holds for all
 * @returns {string[]} one sentence each; empty if nothing is wrong
 */
export function manifestFaults(manifest, folder, workspace) {
  const { name, description = '', keywords = [], files = [], sideEffects, exports: entries = {} } = manifest;
  /** @type {string[]} */
  const faults = [];
  /**
   * @param {boolean} right
   * @param {string} fault
   */
  const need = (right, fault) => {
    if (!right) faults.push(`${folder}/package.json: ${fault}`);
  };
  const repository = { ...Object(workspace.repository), directory: folder };
  need(/^@tempograd\/[a-z-]+$/.test(name), `the name must be @tempograd/NAME, but is ${name}.`);
  need(description.length > 20 && description.endsWith('.'), 'description must be a sentence.');
  need(keywords.length >= 8, 'keywords must be at least eight words.');
  need(new Set(keywords).size === keywords.length, 'keywords names a word twice.');
  need(manifest.license === workspace.license, `license must be ${workspace.license}, as the root's.`);
  need(isDeepStrictEqual(manifest.engines, workspace.engines), "engines must be the root's.");
  need(
    isDeepStrictEqual(manifest.repository, repository),
    `repository must be ${JSON.stringify(repository)}: the root's, and the package's folder.`,
  );
  need(manifest.type === 'module', 'type must be "module".');
  need(manifest.publishConfig?.['access'] === 'public', 'publishConfig.access must be "public".');
  for (const each of ['dist', 'src', 'CHANGELOG.md']) need(files.includes(each), `files must name ${each}.`);
  const programs = Object.values(manifest.bin ?? {});
  need(
    isDeepStrictEqual(sideEffects, programs.length > 0 ? programs : false),
    'sideEffects must be false, or what bin names: nothing else may do something when it is imported.',
  );
  need(Object.keys(entries).length > 0, 'exports must name what can be imported.');
  for (const [subpath, target] of Object.entries(entries)) {
    if (subpath === './package.json') continue;
    const built = `./dist/${subpath === '.' ? '' : `${subpath.slice(2)}/`}index`;
    need(
      isDeepStrictEqual(target, { types: `${built}.d.ts`, default: `${built}.js` }),
      `exports["${subpath}"] must be { types: "${built}.d.ts", default: "${built}.js" }, in this order.`,
    );
  }
  for (const [dependency, range] of Object.entries(manifest.dependencies ?? {})) {
    if (!dependency.startsWith('@tempograd/')) continue;
    need(range === 'workspace:^', `dependencies.${dependency} must be "workspace:^", so that fixes of it are taken.`);
  }
  return faults;
}
