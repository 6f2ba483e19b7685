import type { DType, TypedArray } from '../backend/dtype.js';
import { ArgumentError, BackendError } from '../backend/errors.js';
import { formatShape, sameShape, type Shape } from '../backend/shape.js';
import { fromArray } from '../tensor/ops/index.js';
import { keep, scope } from '../tensor/scope.js';
import { treeFill, treeLeaves } from '../tensor/tree.js';

/** The numbers of one tensor on the host. */
export interface StoredArray {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TypedArray;
}

/**
 * Where states wait that memory has no room for, such as files. Synchronous, as training steps are. Each key is put once, got at
 * most once, and deleted, also after errors. `fileStateStore()` of `@tempograd/nn/node` keeps them in files.
 */
export interface StateStore {
  /** Keeps arrays, which are borrowed, whole or not at all. @throws where it cannot. */
  put(key: string, arrays: readonly StoredArray[]): void;
  /** What was put, to the bit. @throws where it is not there, or not as it was put. */
  get(key: string): readonly StoredArray[];
  /** Forgets what was put; does nothing where there is nothing. */
  delete(key: string): void;
}

let states = 0;

/** A carry in a store, under a key of its own. */
export class StoredState<C> {
  readonly #store: StateStore;
  readonly #key = `state-${states++}`;
  /** Of its tensors only structure, shapes and dtypes are looked at: they may be gone. */
  readonly #carry: C;

  /** Puts the carry, which is borrowed, into the store. @throws BackendError where its backend cannot be read at once. */
  constructor(store: StateStore, carry: C) {
    this.#store = store;
    this.#carry = carry;
    const arrays = treeLeaves(carry).map((leaf) => {
      if (leaf.backend.readSync === undefined) throw notRead(leaf.backend.name);
      return { dtype: leaf.dtype, shape: leaf.shape, data: leaf.readSync() };
    });
    store.put(this.#key, arrays);
  }

  /** The carry, owned by the caller, outside every scope. @throws ArgumentError where the store gives something else. */
  get(): C {
    const leaves = treeLeaves(this.#carry);
    const arrays: unknown = this.#store.get(this.#key);
    const given = (Array.isArray(arrays) ? arrays : []) as readonly (Partial<StoredArray> | null)[];
    if (given.length !== leaves.length) throw this.#wrong(`${leaves.length} arrays`, `${given.length}`);
    return scope(() => {
      const read = leaves.map(({ dtype, shape, backend }, index) => {
        const { data, ...said } = given[index] ?? {};
        const what = `${said.dtype}${formatShape(said.shape ?? [])} with ${data?.length ?? 'no'} numbers`;
        if (data === undefined || said.dtype !== dtype || !sameShape(said.shape ?? [], shape))
          throw this.#wrong(`${dtype}${formatShape(shape)}`, what);
        return fromArray(data, shape, { dtype, backend });
      });
      return keep(treeFill(this.#carry, read));
    });
  }

  delete(): void {
    this.#store.delete(this.#key);
  }

  #wrong(put: string, got: string): ArgumentError {
    return new ArgumentError(
      `The store of states gave back ${got} under "${this.#key}", where ${put} had been put: what it keeps is damaged, or changed by others.`,
    );
  }
}

function notRead(backend: string): BackendError {
  return new BackendError(
    `The ${backend} backend reads asynchronously only, so its states cannot go to a slower store in the middle of an update. ` +
      'Leave `slow` out, and give fewer slots or bytes.',
  );
}
