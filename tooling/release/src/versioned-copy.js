import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './run.js';
import { members } from './workspace.js';

/** What of a published package goes into a copy, beside `package.json`: enough to pack it. */
const packed = ['README.md', 'LICENSE', 'CHANGELOG.md', 'dist', 'src', 'assembly'];

/**
 * Copies what a release needs of the workspace, and makes versions and changelogs of the changesets there, as a release would.
 *
 * @param {string} base the folder of the workspace, built
 * @param {string} copy a new folder
 */
export async function versionedCopy(base, copy) {
  mkdirSync(copy, { recursive: true });
  const top = ['package.json', 'pnpm-workspace.yaml', 'LICENSE', '.changeset', 'patches'];
  for (const each of top) cpSync(join(base, each), join(copy, each), { recursive: true });
  symlinkSync(join(base, 'node_modules'), join(copy, 'node_modules'), 'junction');
  const all = members(base);
  const folderOf = new Map(all.map(({ folder, manifest }) => [manifest.name, folder]));
  for (const { folder, manifest } of all) {
    mkdirSync(join(copy, folder), { recursive: true });
    for (const each of ['package.json', ...(manifest.private === true ? [] : packed)]) {
      const from = join(base, folder, each);
      if (existsSync(from)) cpSync(from, join(copy, folder, each), { recursive: true });
    }
    // pnpm reads the version that `workspace:^` stands for where the dependency is linked.
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
      const target = folderOf.get(name);
      if (target === undefined) continue;
      const link = join(copy, folder, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(copy, target), link, 'junction');
    }
  }
  mkdirSync(join(copy, 'tooling/release/src'), { recursive: true });
  cpSync(join(import.meta.dirname, 'changelog.js'), join(copy, 'tooling/release/src/changelog.js'));
  await run(process.execPath, [join(base, 'node_modules/@changesets/cli/bin.js'), 'version'], { cwd: copy });
}
