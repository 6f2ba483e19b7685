import { codeOf, messageOf } from './Failure.js';

/** Why a file could not be read, for people: the rest of a sentence. */
export function readReason(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file; check the path';
    case 'EISDIR':
      return 'it is a directory; name a file in it';
    case 'EACCES':
    case 'EPERM':
      return 'you may not read it';
    default:
      return messageOf(error);
  }
}
