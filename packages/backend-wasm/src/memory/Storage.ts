import type { Shape } from '@tempograd/core/backend';
import type { Block } from './BlockAllocator.js';

/** Memory that one or more tensors share, given back when the last of them is released. */
export interface Storage {
  readonly block: Block;
  /** What its tensor needs; the block may be larger. */
  readonly bytes: number;
  readonly shape: Shape;
  readonly dtype: 'f32' | 'i32';
  references: number;
  /** Neighbours in the list of all that are live. */
  before: Storage | null;
  after: Storage | null;
}

/** A tensor's place: its storage and the byte address of its first element. Opaque outside this package. */
export class Handle {
  storage: Storage | null;
  pointer: number;

  constructor(storage: Storage, pointer: number) {
    this.storage = storage;
    this.pointer = pointer;
  }
}
