import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { step } from './step.js';
import { pnpmFolder, pnpmScript, pnpmVersion, root } from './workspace.js';

/** The environment in which the workspace's tools run: with its own pnpm, and without telemetry. */
export const toolEnvironment = {
  ...process.env,
  PATH: [join(pnpmFolder, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
};

/** Installs pnpm into the workspace, if it is not there, and then exactly what the lockfile says. */
export async function install() {
  if (!existsSync(pnpmScript)) await installPnpm();
  await step(
    'Installing dependencies',
    process.execPath,
    [pnpmScript, 'install', '--frozen-lockfile', '--prefer-offline'],
    {
      env: toolEnvironment,
    },
  );
}

async function installPnpm() {
  // Renamed when complete: an interrupted download must not pass for an installed pnpm.
  const partial = join(root, '.tools', `partial-${process.pid}`);
  await mkdir(partial, { recursive: true });
  const npm = npmCommand();
  try {
    await step(
      `Fetching pnpm ${pnpmVersion}`,
      npm.command,
      [
        ...npm.args,
        'install',
        '--prefix',
        npm.shell ? `"${partial}"` : partial,
        '--no-save',
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
        '--prefer-offline',
        '--fetch-retry-mintimeout=1000',
        '--fetch-retry-maxtimeout=5000',
        `pnpm@${pnpmVersion}`,
      ],
      { shell: npm.shell },
    );
    await rm(pnpmFolder, { recursive: true, force: true });
    await rename(partial, pnpmFolder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** The npm that started this process, else the one on the path. */
function npmCommand() {
  const script = process.env['npm_execpath'];
  if (script && basename(script) === 'npm-cli.js') return { command: process.execPath, args: [script], shell: false };
  // On Windows npm is a command file, which only a shell starts.
  return { command: 'npm', args: [], shell: process.platform === 'win32' };
}
