import type { Row } from '../grid/Row.js';

/** What a column says of itself. */
export interface ColumnFacts {
  readonly runtime: string;
  readonly version: string;
  readonly details: Readonly<Record<string, string>>;
}

/** A row, ready to be run again and again. */
export interface Job {
  readonly parameters: number;
  /** Does one step; on a device that is not waited for, enqueues it, and is done when the step before it is. */
  step(): void | Promise<void>;
  /** The loss of the last step, once that is done; a number that depends on the outputs where there is no loss. */
  loss(): number | Promise<number>;
  dispose(): void;
}

/** A library that can run rows. */
export interface Engine {
  readonly facts: ColumnFacts;
  prepare(row: Row): Job | Promise<Job>;
  /** A function that multiplies two square matrices, and is timed. */
  product?(size: number): { multiply(): void; dispose(): void };
  /** Time spent in each kind of work of one step, in seconds, over as many steps as fit in `seconds`. */
  breakdown?(row: Row, seconds: number): Breakdown;
}

/** Where the time of a step goes, in seconds; `parts` add up to `step`. */
export interface Breakdown {
  readonly step: number;
  readonly parts: Readonly<Record<string, number>>;
}
