/**
 * Scratch arrays that products keep between calls: each grows to the largest size asked for and is then reused.
 * They hold nothing that outlives an op, and `memory()` does not count them.
 */
export class Workspace {
  readonly #arrays = new Map<Slot, Float64Array>();

  /** The scratch array of a slot, of at least `size` elements with unspecified values. */
  take(slot: Slot, size: number): Float64Array {
    const present = this.#arrays.get(slot);
    if (present !== undefined && present.length >= size) return present;
    const grown = new Float64Array(size);
    this.#arrays.set(slot, grown);
    return grown;
  }

  /** Lets all scratch arrays go. */
  clear(): void {
    this.#arrays.clear();
  }
}

/** What the scratch arrays are for: panels of the left factor, panels of the right one, and a block of results. */
export type Slot = 'rows' | 'columns' | 'block';
