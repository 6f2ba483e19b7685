import { storageOf } from './Handle.js';
import type { Handle, PooledBuffer } from './Handle.js';

/** Where a tensor's elements begin. */
export interface Place {
  readonly buffer: PooledBuffer;
  /** In elements. */
  readonly start: number;
}

/** @throws LifetimeError for a handle that was released */
export function placeOf(handle: Handle): Place {
  return { buffer: storageOf(handle).buffer, start: handle.offset };
}
