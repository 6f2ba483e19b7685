import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, Failure } from '../Failure.js';

/**
 * Finds out at the start, not after the training, whether a file can be written; makes its folder where there is none.
 * @throws Failure when it cannot.
 */
export async function requireWritable(file: string, option: string = '--save'): Promise<void> {
  const probe = `${file}.${process.pid}.probe`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await (await open(probe, 'w')).close();
    await rm(probe);
  } catch (error) {
    throw new Failure(
      `${file} cannot be written: ${reasonOf(error, dirname(file))}. Choose another place with ${option}.`,
      {
        cause: error,
      },
    );
  }
  if ((await stat(file).catch(() => null))?.isDirectory() === true) {
    throw new Failure(`${file} cannot be written: it is a directory. Name a file in it with ${option}.`);
  }
}

function reasonOf(error: unknown, folder: string): string {
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return `you may not write in ${folder}`;
    case 'EROFS':
      return `${folder} is read-only`;
    case 'ENOSPC':
      return 'the disk is full';
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EEXIST':
      return `there can be no file in ${folder}`;
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
