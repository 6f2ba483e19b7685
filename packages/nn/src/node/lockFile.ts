import { constants, readFileSync, rmSync } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { absolutePath } from './absolutePath.js';
import { FileLockedError } from './FileLockedError.js';
import { parseHolder, type LockHolder } from './LockHolder.js';
import { isGone, thisProcess } from './ProcessMark.js';
import { unfinishedBeside } from './unfinished.js';

/** How often a holder shows that it lives. */
const beatMs = 30_000;

/** A holder on another machine or in another container that has not shown itself for so long is taken for dead. */
const silenceMs = 5 * 60_000;

/** A lock without content is that of a process about to write it; after so long, of one that was killed there. */
const emptyMs = 10_000;

/** A file held by this process alone. */
export interface FileLock {
  /** Gives it up; a process that ends otherwise than by being killed does so by itself. */
  release(): void;
}

const lockTable = optionTable<{ readonly force?: boolean }>({ force: 'boolean' });

/**
 * Holds a file for this process, so that two trainings do not write it in turns: all that ask are refused while this one lives.
 * Its number, machine and starting time are in `path.lock` beside the file. A holder that was killed is noticed: at once on the
 * same machine, after five minutes elsewhere. With `force` the file is taken from whoever holds it.
 * @throws FileLockedError while another holds it; the system's error when nothing can be written there.
 */
export async function lockFile(path: string | URL, options: { readonly force?: boolean } = {}): Promise<FileLock> {
  checkOptions('lockFile', options, lockTable);
  const { force = false } = options;
  const target = absolutePath(path);
  const lock = `${target}.lock`;
  const own = JSON.stringify({
    ...thisProcess(),
    host: hostname(),
    since: new Date().toISOString(),
  } satisfies LockHolder);
  await mkdir(dirname(lock), { recursive: true });
  while (!(await create(lock, own))) {
    const found = await readLock(lock);
    if (found === null) continue;
    if (!force && !isStale(found)) throw new FileLockedError(target, found.holder);
    await takeAway(lock, found.text);
  }
  return hold(lock, own);
}

/** False when there is one. */
async function create(lock: string, own: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx');
    try {
      await file.writeFile(own);
    } catch (error) {
      await rm(lock, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

interface FoundLock {
  readonly text: string;
  /** Null where the text says nothing. */
  readonly holder: LockHolder | null;
  readonly silentMs: number;
}

/** Null when it has gone meanwhile. */
async function readLock(lock: string): Promise<FoundLock | null> {
  try {
    const [text, { mtimeMs }] = [await readFile(lock, 'utf8'), await stat(lock)];
    return { text, holder: parseHolder(text), silentMs: Date.now() - mtimeMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function isStale({ holder, silentMs }: FoundLock): boolean {
  if (holder === null) return silentMs > emptyMs;
  return isGone(holder) ?? silentMs > silenceMs;
}

/** Removes the lock that was read; where another process has done so before and made its own, that one is put back. */
async function takeAway(lock: string, text: string): Promise<void> {
  const aside = unfinishedBeside(lock);
  try {
    await rename(lock, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== text) {
    await copyFile(aside, lock, constants.COPYFILE_EXCL).catch(() => undefined);
  }
  await rm(aside, { force: true });
}

const held = new Set<FileLock>();

function hold(lock: string, own: string): FileLock {
  const beat = setInterval(() => {
    const now = new Date();
    // Where the file has gone, or cannot be touched, others go by the process alone.
    utimes(lock, now, now).catch(() => undefined);
  }, beatMs);
  beat.unref();
  const holding: FileLock = {
    release() {
      clearInterval(beat);
      held.delete(holding);
      if (held.size === 0) process.off('exit', releaseAll);
      try {
        if (readFileSync(lock, 'utf8') === own) rmSync(lock, { force: true });
      } catch {
        // It has gone, perhaps with its folder.
      }
    },
  };
  if (held.size === 0) process.once('exit', releaseAll);
  held.add(holding);
  return holding;
}

function releaseAll(): void {
  for (const each of held) each.release();
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
