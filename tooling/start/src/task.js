import { install } from './install.js';
import { runTurbo } from './run-turbo.js';

/**
 * `npm run build` and the like: installs, and runs a task of turbo.
 *
 * @param {string} name
 * @param {string[]} args further arguments of turbo, such as `--filter=@tempograd/core`
 * @returns {Promise<number>} the exit code
 */
export async function task(name, args) {
  await install();
  return runTurbo([name, ...args]);
}
