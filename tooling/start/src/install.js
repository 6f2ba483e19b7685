import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { step } from './step.js';
import { pnpmFolder, pnpmIntegrity, pnpmScript, pnpmVersion, root } from './workspace.js';

/** What keeps the tools of the workspace from asking other machines: npm, which some of them start, would ask for a newer npm. */
export const quiet = { npm_config_update_notifier: 'false' };

/** The environment in which the workspace's tools run: with its own pnpm, which turbo looks for on the path. */
export const toolEnvironment = {
  ...process.env,
  ...quiet,
  PATH: [join(pnpmFolder, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
};

/**
 * Installs pnpm into the workspace, if it is not there, checked against the hash in `package.json`, and then exactly what the
 * lockfile says.
 */
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

/**
 * Builds a package of the workspace and all that it needs.
 *
 * @param {string} name
 */
export async function build(name) {
  await step('Building', process.execPath, [pnpmScript, 'exec', 'turbo', 'run', 'build', `--filter=${name}`], {
    env: toolEnvironment,
  });
}

async function installPnpm() {
  // Renamed when complete: an interrupted download must not pass for an installed pnpm.
  const partial = join(root, '.tools', `partial-${process.pid}`);
  await mkdir(partial, { recursive: true });
  // npm refuses a package that does not have the hash which the lockfile names.
  const dependencies = { pnpm: pnpmVersion };
  const packages = {
    '': { dependencies },
    'node_modules/pnpm': { version: pnpmVersion, integrity: pnpmIntegrity, bin: { pnpm: 'bin/pnpm.cjs' } },
  };
  await writeFile(join(partial, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await writeFile(join(partial, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
  const npm = npmCommand();
  try {
    await step(
      `Fetching pnpm ${pnpmVersion}`,
      npm.command,
      [
        ...npm.args,
        'ci',
        '--prefix',
        npm.shell ? `"${partial}"` : partial,
        // Says why it failed, under `npm --silent test` too.
        '--loglevel=error',
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
        '--prefer-offline',
        '--fetch-retry-mintimeout=1000',
        '--fetch-retry-maxtimeout=5000',
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
