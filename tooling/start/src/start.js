import { join } from 'node:path';
import { install, toolEnvironment } from './install.js';
import { runChild } from './run-child.js';
import { step } from './step.js';
import { pnpmScript, root } from './workspace.js';

/**
 * `npm start`: installs, builds, and trains a character model; `npm start -- <options>` passes options on.
 *
 * @param {string[]} args options of `tempograd train`
 * @returns {Promise<number>} the exit code of the training
 */
export async function start(args) {
  await install();
  await step('Building', process.execPath, [pnpmScript, 'exec', 'turbo', 'run', 'build', '--filter=@tempograd/cli'], {
    env: toolEnvironment,
  });
  // A path among the options is meant from where the user is, not from where npm runs.
  const cwd = process.env['INIT_CWD'] ?? root;
  return runChild(process.execPath, [join(root, 'packages/cli/dist/main.js'), 'train', ...args], { cwd });
}
