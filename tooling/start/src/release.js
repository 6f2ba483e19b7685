import { rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { install, toolEnvironment } from './install.js';
import { runChild } from './run-child.js';
import { step } from './step.js';
import { pnpmScript, root } from './workspace.js';

/**
 * `npm run release`: installs, builds every package from nothing, and releases; `npm run release -- --dry-run` rehearses it.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
export async function release(args) {
  await install();
  // What an earlier build left would be published too.
  const packages = join(root, 'packages');
  for (const name of await readdir(packages)) rmSync(join(packages, name, 'dist'), { recursive: true, force: true });
  await step('Building', process.execPath, [pnpmScript, 'exec', 'turbo', 'run', 'build', '--filter=./packages/*'], {
    env: toolEnvironment,
  });
  return runChild(process.execPath, [join(root, 'tooling/release/src/main.js'), ...args], {
    cwd: root,
    env: toolEnvironment,
  });
}
