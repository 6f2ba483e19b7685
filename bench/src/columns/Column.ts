/** Whose it is; `adapter` is this library on TensorFlow.js. */
export type ColumnKind = 'tempograd' | 'adapter' | 'pytorch' | 'tfjs' | 'jax';

/** One library in one setting, run by a process of its own. */
export interface Column {
  /** Such as `wasm-relaxed-2@24`: name, and the major version of Node where that matters. */
  readonly id: string;
  /** Columns of a kind are settings of the same thing; the best of PyTorch's is what others are compared with. */
  readonly kind: ColumnKind;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** False where clipping and the optimiser are left out. */
  readonly fullStep: boolean;
  /** Whether it times products alone. */
  readonly timesProducts: boolean;
  /** Whether it tells where the time of a step goes. */
  readonly breaksDown: boolean;
}

/** A column that cannot be run here, and why. */
export interface SkippedColumn {
  readonly id: string;
  readonly reason: string;
}
