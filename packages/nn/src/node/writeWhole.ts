import { fsync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { absolutePath } from './absolutePath.js';
import { sweepUnfinished, unfinishedBeside } from './unfinished.js';

/** By its number: under Yarn's Plug'n'Play, handles of files cannot `sync()`. */
const synchronise = promisify(fsync);

/**
 * Writes a file whole or not at all: under another name beside it, synchronised to the disk, then renamed, which replaces what
 * was there in one go. Folders are made as needed. A write that is broken off leaves the former file as it was; of several that
 * write the same file at once, wherever they are, the last one to end has its bytes in it. What killed writers left beside it is
 * removed.
 */
export async function writeWhole(path: string | URL, bytes: Uint8Array): Promise<void> {
  const target = absolutePath(path);
  const folder = dirname(target);
  await mkdir(folder, { recursive: true });
  const unfinished = unfinishedBeside(target);
  const file = await open(unfinished, 'wx');
  try {
    try {
      // That others' remains cannot be removed is no reason to fail.
      await sweepUnfinished(folder, (await file.stat()).mtimeMs).catch(() => undefined);
      await file.writeFile(bytes);
      await synchronise(file.fd);
    } finally {
      await file.close();
    }
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

/** Makes the renaming itself last. Where folders cannot be opened (Windows), the system sees to that. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await synchronise(handle.fd);
  } finally {
    await handle.close();
  }
}
