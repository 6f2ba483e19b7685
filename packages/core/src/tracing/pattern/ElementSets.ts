/** Sets of whole numbers below `range`, each by an id; equal sets have equal ids, and 0 is the empty set. */
export class ElementSets {
  readonly range: number;
  readonly #words: number;
  readonly #sets: Uint32Array[];
  readonly #ids: Map<string, number>;
  readonly #unions = new Map<number, number>();

  constructor(range: number) {
    this.range = range;
    this.#words = Math.ceil(range / 32);
    const empty = new Uint32Array(this.#words);
    this.#sets = [empty];
    this.#ids = new Map([[empty.join(), 0]]);
  }

  /** The set of the numbers given. */
  of(numbers: Iterable<number>): number {
    const set = new Uint32Array(this.#words);
    for (const number of numbers) set[number >>> 5] = (set[number >>> 5] as number) | (1 << (number & 31));
    return this.#idOf(set);
  }

  has(id: number, number: number): boolean {
    return (((this.#sets[id] as Uint32Array)[number >>> 5] as number) & (1 << (number & 31))) !== 0;
  }

  /** The numbers in a set, smallest first. */
  numbersIn(id: number): number[] {
    const numbers: number[] = [];
    if (id === 0) return numbers;
    for (let number = 0; number < this.range; number++) if (this.has(id, number)) numbers.push(number);
    return numbers;
  }

  union(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    const pair = Math.min(a, b) * 2 ** 26 + Math.max(a, b);
    let id = this.#unions.get(pair);
    if (id === undefined) {
      id = this.unionOf([a, b]);
      this.#unions.set(pair, id);
    }
    return id;
  }

  unionOf(ids: Iterable<number>): number {
    const set = new Uint32Array(this.#words);
    for (const id of ids) {
      if (id === 0) continue;
      const other = this.#sets[id] as Uint32Array;
      for (let word = 0; word < set.length; word++) set[word] = (set[word] as number) | (other[word] as number);
    }
    return this.#idOf(set);
  }

  #idOf(set: Uint32Array): number {
    const key = set.join();
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#sets.push(set) - 1;
      this.#ids.set(key, id);
    }
    return id;
  }
}
