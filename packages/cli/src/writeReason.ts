import { codeOf, messageOf } from './Failure.js';

/** Whether an error comes from the system, not from a mistake in this program. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && codeOf(error) !== undefined;
}

/** Why a file could not be written in a folder, for people: the rest of a sentence. */
export function writeReason(error: unknown, path: string): string {
  const folder = path === '.' ? 'this folder' : path;
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return `you may not write in ${folder}`;
    case 'EROFS':
      return `${folder} is read-only`;
    case 'ENOSPC':
      return 'the disk is full';
    case 'EDQUOT':
      return 'your share of the disk is full';
    case 'EFBIG':
      return 'files may not be so large there';
    case 'EIO':
      return 'the disk does not answer';
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EEXIST':
      return `there can be no file in ${folder}`;
    default:
      return messageOf(error);
  }
}
