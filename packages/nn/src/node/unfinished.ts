import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isGone, thisProcess } from './ProcessMark.js';

/** Of a writer of whom it cannot be known whether it lives: nobody waits so long between two bytes. */
const longestPauseMs = 24 * 60 * 60 * 1000;

const pattern = /\.(?<space>[0-9a-f]{8})-(?<pid>\d+)-[0-9a-f]{16}\.unfinished$/;

/** A name beside `target` that no other writer takes, in this process, on this machine or on another. */
export function unfinishedBeside(target: string): string {
  const { space, pid } = thisProcess();
  // Shortened, so that the name is no longer than file systems allow.
  const name = basename(target).slice(0, 50);
  return join(dirname(target), `${name}.${space}-${pid}-${randomBytes(8).toString('hex')}.unfinished`);
}

const swept = new Set<string>();

/**
 * Removes from a folder, once in the life of this process, what writers left there that were killed: never what a living one is at.
 * `now` is the time by the folder's own clock.
 */
export async function sweepUnfinished(folder: string, now: number): Promise<void> {
  if (swept.has(folder)) return;
  swept.add(folder);
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const gone = isWriterGone(name);
    if (gone ?? now - (await stat(file)).mtimeMs > longestPauseMs) await rm(file, { force: true });
  }
}

/** As `sweepUnfinished`, at once. */
export function sweepUnfinishedSync(folder: string, now: number): void {
  if (swept.has(folder)) return;
  swept.add(folder);
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const gone = isWriterGone(name);
    if (gone ?? now - statSync(file).mtimeMs > longestPauseMs) rmSync(file, { force: true });
  }
}

/** Whether a file is one whose writer has ended; null where that cannot be known. */
function isWriterGone(name: string): boolean | null {
  const { space, pid } = pattern.exec(name)?.groups ?? {};
  return space === undefined ? false : isGone({ space, pid: Number(pid), born: '' });
}
