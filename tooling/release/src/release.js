import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pnpm } from './programs.js';
import { rehearse } from './rehearse.js';
import { run, RunFailed } from './run.js';
import { root } from './workspace.js';

/**
 * A release, in two calls with a commit between them: the first makes versions and changelogs of the changesets, the second rehearses
 * and publishes every package whose version is not published yet. The workspace must be built.
 *
 * @param {string} [base] the folder of the workspace
 */
export async function release(base = root) {
  const changed = await run('git', ['status', '--porcelain'], { cwd: base });
  if (changed !== '') {
    throw new RunFailed(`A release is of what is committed, and this is not:\n${changed}Commit it, or put it away.`);
  }
  const changesets = join(base, 'node_modules/@changesets/cli/bin.js');
  if (pendingChangesets(base).length > 0) {
    await run(process.execPath, [changesets, 'version'], { cwd: base });
    await run(pnpm().command, [...pnpm().args, 'install', '--lockfile-only'], { cwd: base });
    console.log('Versions and changelogs are written. Read them, commit, and call this again to publish.');
    return;
  }
  await rehearse();
  console.log(await run(process.execPath, [changesets, 'publish'], { cwd: base }));
}

/**
 * @param {string} base
 * @returns {string[]} the changesets that no version has yet
 */
export function pendingChangesets(base) {
  return readdirSync(join(base, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md');
}
