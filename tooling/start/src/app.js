import { join } from 'node:path';
import { build, install } from './install.js';
import { runChild } from './run-child.js';
import { root } from './workspace.js';

/**
 * `npm run forecast` and the like: installs, builds, and runs the app of that name, which is a program of Node; `npm run forecast --
 * <options>` passes options on.
 *
 * @param {string} name the app's folder in `apps/`
 * @param {string[]} args options of the app
 * @returns {Promise<number>} its exit code
 */
export async function app(name, args) {
  await install();
  await build(`@tempograd/${name}`);
  // A path among the options is meant from where the user is, not from where npm runs.
  const cwd = process.env['INIT_CWD'] ?? root;
  return runChild(process.execPath, [join(root, 'apps', name, 'dist/main.js'), ...args], { cwd });
}
