import { join } from 'node:path';
import { build, install } from './install.js';
import { runChild } from './run-child.js';
import { root } from './workspace.js';

/**
 * `npm run docs`: installs, and makes the pages of the reference in `docs/reference/`.
 *
 * @returns {Promise<number>} the exit code: 1 where a docstring is missing or a link leads nowhere
 */
export async function docs() {
  await install();
  // Its kernels' types are made by a compiler of their own.
  await build('@tempograd/backend-wasm');
  return runChild(process.execPath, [join(root, 'tooling/reference/src/main.js')], { cwd: root });
}
