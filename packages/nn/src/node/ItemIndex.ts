/** Where in a file items begin: of some of them, one after the other, the byte and what has to be known to go on from there. */
export class ItemIndex {
  readonly #items: number[] = [];
  readonly #bytes: number[] = [];
  readonly #states: number[] = [];

  /** A place from which the file can be read: the item that begins at a byte, and the state there. */
  add(item: number, byte: number, state: number): void {
    this.#items.push(item);
    this.#bytes.push(byte);
    this.#states.push(state);
  }

  /** The last place at or before an item, and the first at or after another; places were added for the first item and the end. */
  around(
    from: number,
    to: number,
  ): { readonly item: number; readonly state: number; readonly begin: number; readonly end: number } {
    const first = this.#countUpTo(from) - 1;
    let last = this.#countUpTo(to) - 1;
    if (this.#items[last] !== to) last++;
    return {
      item: this.#items[first] as number,
      state: this.#states[first] as number,
      begin: this.#bytes[first] as number,
      end: this.#bytes[last] as number,
    };
  }

  /** How many places there are up to an item. */
  #countUpTo(item: number): number {
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#items[middle] as number) <= item) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
