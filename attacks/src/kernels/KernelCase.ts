/** A stretch of memory that kernels are given. */
export interface Block {
  readonly name: string;
  /** What it holds before. */
  readonly data: Float32Array | Int32Array | Float64Array;
  /** Words by which its address misses a multiple of 64 bytes. */
  readonly misalign: number;
  /** What it must hold afterwards: null for what it held, to the bit; 'anything' where only other runs can tell. */
  readonly wanted: Wanted | 'anything' | null;
}

/** Numbers that a block must hold. */
export interface Wanted {
  readonly values: ArrayLike<number>;
  /** How far each may be off; 0 for not at all. */
  readonly within: (at: number) => number;
}

/** A word of an argument block: an integer, a float, an address, or that of scratch whose size a function of the kernels says. */
export type Word =
  | number
  | Block
  | { readonly float: number }
  | { readonly block: Block; readonly at: number }
  | { readonly shared: string };

/** One kernel and its argument block. */
export interface Step {
  readonly task: string;
  readonly words: readonly Word[];
  /** Where the task has steps of its own, of which all parts are run in turn on scratch that they share: how many. */
  readonly turns?: number;
}

/** Kernels that run one after another on the same memory. */
export interface KernelCase {
  /** What failures call it. */
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly steps: readonly Step[];
}

/** Makes cases of one kernel, or of some that belong together. */
export type Sampler = (sample: import('./Sample.js').Sample) => KernelCase;
