import { join } from 'node:path';
import { build, install } from './install.js';
import { runChild } from './run-child.js';
import { root } from './workspace.js';

/**
 * `npm run tune`: installs, builds, and measures the webgpu backend's tiles on the GPU at hand; `npm run tune -- --write` keeps them.
 *
 * @param {string[]} args options of the measurement
 * @returns {Promise<number>} its exit code
 */
export async function tune(args) {
  await install();
  await build('@tempograd/backend-webgpu');
  const folder = join(root, 'packages/backend-webgpu');
  return runChild(process.execPath, [join(folder, 'scripts/tune.js'), ...args], { cwd: folder });
}
