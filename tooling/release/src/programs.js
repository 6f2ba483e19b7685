import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pnpmScript } from '../../start/src/workspace.js';

/** @typedef {{ command: string, args: string[] }} Program how to start a program: arguments are added to `args` */

/** @returns {Program} the pnpm that this process was started with, else the workspace's own, else the one on the path */
export function pnpm() {
  const own = process.env['npm_execpath'];
  if (own && /^pnpm\.c?js$/.test(basename(own))) return { command: process.execPath, args: [own] };
  return existsSync(pnpmScript) ? { command: process.execPath, args: [pnpmScript] } : { command: 'pnpm', args: [] };
}

/** @returns {Program} the npm that is beside Node, else the one on the path */
export function npm() {
  const folder = dirname(process.execPath);
  const beside = [
    join(folder, '../lib/node_modules/npm/bin/npm-cli.js'),
    join(folder, 'node_modules/npm/bin/npm-cli.js'),
  ];
  const script = beside.find((file) => existsSync(file));
  return script === undefined ? { command: 'npm', args: [] } : { command: process.execPath, args: [script] };
}

/** @returns {Program} */
export function yarn() {
  const folder = dirname(createRequire(import.meta.url).resolve('@yarnpkg/cli-dist/package.json'));
  return { command: process.execPath, args: [join(folder, 'bin/yarn.js')] };
}

/** @returns {Program} TypeScript's compiler, of the workspace */
export function tsc() {
  const folder = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  return { command: process.execPath, args: [join(folder, 'bin/tsc')] };
}
