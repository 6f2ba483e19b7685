import { join } from 'node:path';
import { build, install } from './install.js';
import { runChild } from './run-child.js';
import { root } from './workspace.js';

/**
 * `npm run bench`: installs, builds, and runs the benchmarks; `npm run bench -- <options>` passes options on.
 *
 * @param {string[]} args options of the benchmarks
 * @returns {Promise<number>} their exit code
 */
export async function bench(args) {
  await install();
  await build('@tempograd/bench');
  return runChild(process.execPath, [join(root, 'bench/dist/main.js'), ...args], { cwd: join(root, 'bench') });
}
