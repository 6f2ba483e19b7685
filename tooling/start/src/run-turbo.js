import { toolEnvironment } from './install.js';
import { runChild } from './run-child.js';
import { pnpmScript, root } from './workspace.js';

/**
 * Runs turbo on the whole workspace, with this process's input and output.
 *
 * @param {readonly string[]} args tasks and options of `turbo run`
 * @returns {Promise<number>} its exit code
 */
export function runTurbo(args) {
  return runChild(process.execPath, [pnpmScript, 'exec', 'turbo', 'run', ...args], { cwd: root, env: toolEnvironment });
}
