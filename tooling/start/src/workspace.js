import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the whole workspace. */
export const root = join(import.meta.dirname, '../../..');

/** @type {{ packageManager: string }} */
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const [, version = '', hash = ''] = /^pnpm@([^+]+)\+sha512\.([0-9a-f]{128})$/.exec(packageManager) ?? [];
if (hash === '') {
  throw new Error(`packageManager in package.json must be pnpm@VERSION+sha512.HASH, but is ${packageManager}.`);
}

/** The one version of pnpm that the workspace is installed with. */
export const pnpmVersion = version;

/** The hash of that pnpm's package, as npm writes it. */
export const pnpmIntegrity = `sha512-${Buffer.from(hash, 'hex').toString('base64')}`;

/** Where that pnpm is kept, so that later runs need no network for it. */
export const pnpmFolder = join(root, '.tools', `pnpm-${pnpmVersion}`);

/** The script that is pnpm. */
export const pnpmScript = join(pnpmFolder, 'node_modules/pnpm/bin/pnpm.cjs');
