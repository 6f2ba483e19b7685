/** Something that goes wrong, and how to see it again. */
export interface Failure {
  readonly what: string;
  /** The options that repeat it. */
  readonly again: string;
}

/** What a part of an attack found. */
export interface Found {
  readonly failures: readonly Failure[];
  /** Counts for the summary, added up over the parts. */
  readonly counts: Readonly<Record<string, number>>;
}

/** One kind of attack. */
export interface Attack {
  /** The option's name, and what is counted. */
  readonly name: string;
  /** What it does, in a sentence. */
  readonly does: string;
  /** How many are done at once, before others have their turn. */
  readonly part: number;
  /** Does `count` of them, the first being number `from`. */
  run(from: number, count: number): Promise<Found>;
}
