import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, toolEnvironment } from './install.js';
import { runChild } from './run-child.js';
import { step, StepFailed } from './step.js';
import { pnpmScript, root } from './workspace.js';

/**
 * `npm run in -- FOLDER SCRIPT …`: installs, builds what the package in that folder needs, and runs a script of it.
 *
 * @param {string[]} args folder, script, and the script's own arguments
 * @returns {Promise<number>} the exit code of the script
 */
export async function inFolder([folder = '', script = '', ...args]) {
  const manifest = join(root, folder, 'package.json');
  if (folder === '' || !existsSync(manifest)) {
    throw new StepFailed(`There is no package in "${folder}". Say the folder of one: npm run in -- bench soak`);
  }
  /** @type {{ scripts?: Record<string, string> }} */
  const { scripts = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
  if (!(script in scripts)) {
    throw new StepFailed(`${folder} has no script "${script}". It has ${Object.keys(scripts).join(', ')}.`);
  }
  await install();
  await step('Building', process.execPath, [pnpmScript, 'exec', 'turbo', 'run', 'build', `--filter=./${folder}`], {
    env: toolEnvironment,
  });
  return runChild(process.execPath, [pnpmScript, 'run', script, ...args], {
    cwd: join(root, folder),
    env: toolEnvironment,
  });
}
