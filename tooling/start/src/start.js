import { join } from 'node:path';
import { build, install } from './install.js';
import { runChild } from './run-child.js';
import { root } from './workspace.js';

/**
 * `npm start`: installs, builds, and trains a character model; `npm start -- <options>` passes options on.
 *
 * @param {string[]} args options of `tempograd train`
 * @returns {Promise<number>} the exit code of the training
 */
export async function start(args) {
  await install();
  await build('@tempograd/cli');
  // A path among the options is meant from where the user is, not from where npm runs.
  const cwd = process.env['INIT_CWD'] ?? root;
  return runChild(process.execPath, [join(root, 'packages/cli/dist/main.js'), 'train', ...args], { cwd });
}
