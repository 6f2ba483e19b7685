import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the whole workspace. */
export const root = join(import.meta.dirname, '../../..');

/** @type {{ packageManager: string }} */
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The one version of pnpm that the workspace is installed with. */
export const pnpmVersion = manifest.packageManager.replace('pnpm@', '');

/** Where that pnpm is kept, so that later runs need no network for it. */
export const pnpmFolder = join(root, '.tools', `pnpm-${pnpmVersion}`);

/** The script that is pnpm. */
export const pnpmScript = join(pnpmFolder, 'node_modules/pnpm/bin/pnpm.cjs');
