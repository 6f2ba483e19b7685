import { LifetimeError } from '@tempograd/core/backend';
import type { Shape } from '@tempograd/core/backend';
import type { GlobalClass } from '../device/GlobalClass.js';

/** A device buffer that outlives the tensors in it: it goes from one to the next through the pool. */
export interface PooledBuffer {
  readonly gpu: GlobalClass<'GPUBuffer'>;
  /** Distinct for each buffer that was ever made; bind groups are found by it. */
  readonly id: number;
  readonly bytes: number;
  /** Number of the last command buffer that uses it. */
  lastUse: number;
}

/** Memory that one or more tensors share, given back when the last of them is released. */
export interface Storage {
  readonly buffer: PooledBuffer;
  /** What its tensor needs; the buffer may be larger. */
  readonly bytes: number;
  readonly shape: Shape;
  readonly dtype: 'f32' | 'i32';
  references: number;
}

/** A tensor's place: its storage, and where in it its first element lies. Opaque outside this package. */
export class Handle {
  storage: Storage | null;
  /** In elements, each four bytes. */
  offset: number;

  constructor(storage: Storage, offset: number) {
    this.storage = storage;
    this.offset = offset;
  }
}

/** @throws LifetimeError for a handle that was released */
export function storageOf(handle: Handle): Storage {
  if (handle.storage === null)
    throw new LifetimeError('This tensor was released already; a handle is used until its release only.');
  return handle.storage;
}
