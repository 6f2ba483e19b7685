import { TempogradError } from '@tempograd/core';
import type { LockHolder } from './LockHolder.js';

/** Another process holds a file. */
export class FileLockedError extends TempogradError {
  override name = 'FileLockedError';
  readonly path: string;
  /** Null for one that is about to say who it is. */
  readonly holder: LockHolder | null;

  constructor(path: string, holder: LockHolder | null) {
    const who = holder === null ? 'starting just now' : `number ${holder.pid} on ${holder.host}, since ${holder.since}`;
    super(
      `${path} is held by another process: ${who}. Wait until it has ended, or take the file all the same with lockFile(path, { force: true }).`,
    );
    this.path = path;
    this.holder = holder;
  }
}
