import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

/**
 * Type-checks the examples of a folder.
 *
 * @param {string} folder
 * @returns {string} the compiler's complaints, each with file and line; empty if there are none
 */
export function typeCheck(folder) {
  return spawnSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' }).stdout;
}
