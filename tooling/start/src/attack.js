import { join } from 'node:path';
import { build, install } from './install.js';
import { runChild } from './run-child.js';
import { root } from './workspace.js';

/**
 * `npm run attack`: installs, builds, and attacks the library; `npm run attack -- <options>` passes options on.
 *
 * @param {string[]} args options of the attacks
 * @returns {Promise<number>} their exit code
 */
export async function attack(args) {
  await install();
  await build('@tempograd/attacks');
  return runChild(process.execPath, [join(root, 'attacks/dist/main.js'), ...args], { cwd: join(root, 'attacks') });
}
