import { ElementSets } from './ElementSets.js';

/** Which elements of results, the rows, can depend on which elements of arguments, the columns. */
export class Pattern {
  readonly rows: number;
  readonly columns: number;
  readonly #sets: ElementSets;
  /** The set of rows of each column. */
  readonly #ids: Int32Array;

  private constructor(sets: ElementSets, ids: Int32Array) {
    this.rows = sets.range;
    this.columns = ids.length;
    this.#sets = sets;
    this.#ids = ids;
  }

  /** The pattern whose columns have these sets of rows, in stretches one after the other. */
  static fromSets(sets: ElementSets, stretches: readonly Int32Array[]): Pattern {
    return new Pattern(sets, Int32Array.from(stretches.flatMap((ids) => [...ids])));
  }

  /** The pattern of the pairs for which `depends` holds. */
  static from(rows: number, columns: number, depends: (row: number, column: number) => boolean): Pattern {
    const sets = new ElementSets(rows);
    const all = Array.from({ length: rows }, (_, row) => row);
    return new Pattern(
      sets,
      Int32Array.from({ length: columns }, (_, column) => sets.of(all.filter((row) => depends(row, column)))),
    );
  }

  /** Each of `size` elements depends on itself alone, as in a recurrence that is element-wise. */
  static diagonal(size: number): Pattern {
    const sets = new ElementSets(size);
    return new Pattern(
      sets,
      Int32Array.from({ length: size }, (_, element) => sets.of([element])),
    );
  }

  /** Whether the entry can differ from 0. */
  has(row: number, column: number): boolean {
    return this.#sets.has(this.#ids[column] ?? 0, row);
  }

  /** The rows that can depend on a column, smallest first. */
  rowsOf(column: number): number[] {
    return this.#sets.numbersIn(this.#ids[column] ?? 0);
  }

  /** Number of pairs: what a Jacobian holds that has no room for zeros. */
  get count(): number {
    const counts = new Map<number, number>();
    let total = 0;
    for (const id of this.#ids) {
      const count = counts.get(id) ?? this.#sets.numbersIn(id).length;
      counts.set(id, count);
      total += count;
    }
    return total;
  }
}
