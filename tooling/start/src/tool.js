import { install, toolEnvironment } from './install.js';
import { runChild } from './run-child.js';
import { pnpmScript, root } from './workspace.js';

/**
 * `npm run format` and the like: installs, and runs a tool that the workspace has installed.
 *
 * @param {string[]} args the tool's name and its arguments
 * @returns {Promise<number>} its exit code
 */
export async function tool(args) {
  await install();
  return runChild(process.execPath, [pnpmScript, 'exec', ...args], { cwd: root, env: toolEnvironment });
}
