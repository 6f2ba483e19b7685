import type { ColumnWorker } from './ColumnWorker.js';

/** Whose it is; `adapter` is this library on TensorFlow.js. */
export type ColumnKind = 'tempograd' | 'adapter' | 'pytorch' | 'tfjs' | 'jax';

/** One library in one setting, run by a process or a page of its own. */
export interface Column {
  /** Such as `wasm-2@24` or, of a build asked for by name, `wasm-relaxed-2@24`: name, and the major version of Node, or `page`, where that matters. */
  readonly id: string;
  /** Columns of a kind are settings of the same thing; the best of PyTorch's is what others are compared with. */
  readonly kind: ColumnKind;
  /** False where clipping and the optimiser are left out. */
  readonly fullStep: boolean;
  /** Whether it times products alone. */
  readonly timesProducts: boolean;
  /** Whether it tells where the time of a step goes. */
  readonly breaksDown: boolean;
  /** Starts who runs it. @throws Error saying why that cannot be */
  start(): Promise<ColumnWorker>;
}

/** A column that cannot be run here, and why. */
export interface SkippedColumn {
  readonly id: string;
  readonly reason: string;
}

/** The columns of a run in the order they take turns, and those that cannot be run here. */
export interface FoundColumns {
  readonly columns: readonly Column[];
  readonly skipped: readonly SkippedColumn[];
}
