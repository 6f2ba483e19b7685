import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packagesDir = join(dirname(fileURLToPath(import.meta.url)), '../../../packages');

/**
 * Aliases that resolve every workspace package, and each of its subpaths, to its source, so that tests need no build.
 * A package that has an `assembly` folder is partly made by another compiler and keeps its built entries.
 *
 * @param {string} [packages] the folder that holds the packages
 * @returns {{ find: RegExp, replacement: string }[]}
 */
export function sourceAliases(packages = packagesDir) {
  return readdirSync(packages).flatMap((folder) => {
    const manifest = join(packages, folder, 'package.json');
    if (!existsSync(manifest)) return [];
    const compiled = existsSync(join(packages, folder, 'assembly'));
    const { name, exports = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
    return Object.entries(exports).flatMap(([subpath, target]) => {
      const built = typeof target === 'string' ? target : target.default;
      if (typeof built !== 'string' || !built.endsWith('.js')) return [];
      const source = join(packages, folder, built.replace('./dist/', './src/').replace(/\.js$/, '.ts'));
      const specifier = name + subpath.slice(1);
      const replacement = existsSync(source) && !compiled ? source : join(packages, folder, built);
      return [{ find: new RegExp(`^${specifier.replace(/[/.]/g, '\\$&')}$`), replacement }];
    });
  });
}
