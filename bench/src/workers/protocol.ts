import type { Row } from '../grid/Row.js';
import type { Breakdown, ColumnFacts } from './Engine.js';

/** What a worker is asked, one JSON line each on its standard input. */
export type Request =
  /** Take up a row and run its first steps: two at least, whose losses show a wrong gradient; at most `steps`, and no third after `seconds`. */
  | { readonly request: 'prepare'; readonly row: Row; readonly steps: number; readonly seconds: number }
  /** Run steps for `seconds`, at least one. */
  | { readonly request: 'run'; readonly seconds: number }
  | { readonly request: 'product'; readonly size: number; readonly seconds: number }
  | { readonly request: 'breakdown'; readonly row: Row; readonly seconds: number }
  | { readonly request: 'release' };

/** What comes back for each. */
export interface Results {
  readonly prepare: { readonly parameters: number; readonly losses: readonly number[]; readonly stepSeconds: number };
  readonly run: { readonly steps: number; readonly seconds: number; readonly loss: number };
  readonly product: { readonly gflops: number };
  readonly breakdown: Breakdown;
  readonly release: Readonly<Record<string, never>>;
}

/** A worker's answer, one JSON line each on its standard output; the first one is `ready`. */
export type Reply =
  { readonly ready: ColumnFacts } | { readonly result: Results[keyof Results] } | { readonly error: string };
