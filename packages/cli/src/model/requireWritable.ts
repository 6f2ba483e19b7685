import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../Failure.js';
import { writeReason } from '../writeReason.js';

/**
 * Finds out at the start, not after the training, whether a file can be written; makes its folder where there is none. What is
 * there and is no regular file, such as a device, would be replaced by one.
 * @throws Failure when it cannot.
 */
export async function requireWritable(file: string, option: string = '--save'): Promise<void> {
  const there = await stat(file).catch(() => null);
  if (there !== null && !there.isFile()) {
    throw new Failure(
      there.isDirectory()
        ? `${file} cannot be written: it is a directory. Name a file in it with ${option}.`
        : `${file} cannot be written: it is no regular file. Choose another place with ${option}.`,
    );
  }
  // One name for all: what a killed process left is taken away by the next.
  const probe = `${file}.probe`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await (await open(probe, 'w')).close();
    await rm(probe, { force: true });
  } catch (error) {
    throw new Failure(
      `${file} cannot be written: ${writeReason(error, dirname(file))}. Choose another place with ${option}.`,
      {
        cause: error,
      },
    );
  }
}
