import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Writes a file whole or not at all: under another name beside it, synchronised to the disk, then renamed, which replaces what
 * was there in one go. Folders are made as needed. A write that is broken off leaves the former file as it was.
 */
export async function writeWhole(path: string | URL, bytes: Uint8Array): Promise<void> {
  const target = path instanceof URL ? fileURLToPath(path) : path;
  const folder = dirname(target);
  await mkdir(folder, { recursive: true });
  // A name of this process alone, so that two that write the same file cannot mix their bytes.
  const unfinished = `${target}.${process.pid}.unfinished`;
  try {
    const file = await open(unfinished, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Makes the renaming itself last. Where folders cannot be opened (Windows), the system sees to that. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
