import { join } from 'node:path';
import { build, install } from './install.js';
import { runChild } from './run-child.js';
import { root } from './workspace.js';

/**
 * `npm run experiment`: installs, builds, and lists the experiments; `npm run experiment -- NAME <options>` runs one.
 *
 * @param {string[]} args name and options of the experiment
 * @returns {Promise<number>} its exit code
 */
export async function experiment(args) {
  await install();
  await build('@tempograd/experiments');
  // A path among the options is meant from where the user is, not from where npm runs.
  const cwd = process.env['INIT_CWD'] ?? root;
  return runChild(process.execPath, [join(root, 'bench/experiments/dist/main.js'), ...args], { cwd });
}
