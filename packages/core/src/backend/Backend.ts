import type { BackendInfo, Capabilities, MemoryInfo } from './capabilities.js';
import type { DType, TypedArray } from './dtype.js';
import type { FusedOps } from './FusedOps.js';
import type { BinaryOp, CompareOp, UnaryOp } from './primitives.js';
import type { Shape } from './shape.js';

/** The version of this contract; a backend made for another one is refused when it is selected. */
export const specificationVersion = 2;

/** What each version asks of a backend that the one before did not; shown where an older backend is refused. */
export const contractChanges: Readonly<Record<number, string>> = {
  2:
    'binary, compare and select take a number where they took an operand; adamSteps, sgdSteps and rmspropSteps take ' +
    'the steps of all parameters of an update, each with its moments as one object, and learning rate, step, scale and guard as ' +
    'another, each a number or a scalar on the device; what recurrentForward ' +
    'saves is a list that core does not look into; recurrentBackward may be asked to add into given gradients',
};

/** An op's argument: a backend's own handle with the shape and element type it has here. Ops borrow; they never release. */
export interface Operand<H extends object = object> {
  readonly handle: H;
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * A tensor, or a number that stands for a scalar of the other operand's dtype, which it fits exactly: core has rounded it.
 * At least one operand of an op that computes a result of their dtype is a tensor.
 */
export type OperandOrNumber<H extends object = object> = Operand<H> | number;

/** An op's result where its shape is the backend's to say. The caller owns the handle. */
export type Result<H extends object = object> = Operand<H>;

/**
 * The ops every backend has.
 *
 * A backend is not a tensor library: it holds no graph and no gradients, checks no shapes (core has done so), promotes no
 * dtypes, and keeps nothing alive but what was written or computed and not yet released. Handles are opaque to core, dense
 * and row-major. Calls may enqueue; only `read` waits. What only the device can find out (it ran out of memory, it was lost)
 * rejects the next `read`, and every one after it: results up to there are unknown. A returned handle is a new one, released once, on its own,
 * also when it shares storage with its source. New storage may hold anything: an op writes every element of its result.
 */
export interface RequiredOps<H extends object = object> {
  /** Copies `data` (of `dtype`'s host array type, `sizeOf(shape)` elements) to the device. */
  write(data: TypedArray, shape: Shape, dtype: DType): H;
  /** Copies a tensor to the host, after everything enqueued before it. */
  read(x: Operand<H>): Promise<TypedArray>;
  /** Gives a handle back; it is never used again. */
  release(handle: H): void;
  /** Live memory now. */
  memory(): MemoryInfo;
  /** Starts a new measurement of `memory().peakBytes` at the bytes live now. */
  resetPeak(): void;

  /** Elementwise function; same shape and dtype out. IEEE semantics: NaN and infinity pass through as the function says. */
  unary(op: UnaryOp, x: Operand<H>): H;
  /** Elementwise with broadcasting; both operands of one dtype, which is the result's. `maximum`/`minimum` pass NaN on. */
  binary(op: BinaryOp, a: OperandOrNumber<H>, b: OperandOrNumber<H>): H;
  /** Elementwise with broadcasting; result i32, 1 where true. */
  compare(op: CompareOp, a: OperandOrNumber<H>, b: OperandOrNumber<H>): H;
  /** `condition ≠ 0 ? a : b`, all three broadcast together; condition is i32; the branch not taken never leaks a NaN. */
  select(condition: Operand<H>, a: OperandOrNumber<H>, b: OperandOrNumber<H>): H;

  /**
   * Matrix product over the last two axes, leading axes broadcast: `[…, m, k] × […, k, n] → […, m, n]`;
   * with `transposeA` a is stored `[…, k, m]`, with `transposeB` b is stored `[…, n, k]`. Both have rank ≥ 2. k = 0 gives zeros.
   */
  matmul(a: Operand<H>, b: Operand<H>, transposeA: boolean, transposeB: boolean): H;
  /** Sum over `axes` (sorted, distinct, non-negative), which disappear. An empty axis sums to 0. */
  sum(x: Operand<H>, axes: readonly number[]): H;
  /** Maximum over `axes`, which disappear; NaN wins. Core never asks for the maximum of nothing. */
  max(x: Operand<H>, axes: readonly number[]): H;

  /** Same elements in the same order under another shape. */
  reshape(x: Operand<H>, shape: Shape): H;
  /** Axis `i` of the result is axis `permutation[i]` of `x`. */
  transpose(x: Operand<H>, permutation: readonly number[]): H;
  /** Stretches axes of length 1, and adds leading ones, to `shape`. */
  broadcast(x: Operand<H>, shape: Shape): H;
  /** The box of `size` that starts at `begin`. */
  slice(x: Operand<H>, begin: readonly number[], size: readonly number[]): H;
  /** Joins one or more tensors along `axis`; other axes are equal. */
  concat(xs: readonly Operand<H>[], axis: number): H;
  /** Reverses the order along `axes`. */
  flip(x: Operand<H>, axes: readonly number[]): H;
  /** Rows by number: `x [rows, …rest]`, `indices` i32 of any shape → `[…indices.shape, …rest]`. An index outside gives a row of NaN (0 for i32). */
  gather(x: Operand<H>, indices: Operand<H>): H;
  /** The transpose of `gather`: adds `updates […indices.shape, …rest]` into rows `indices` of zeros `[rows, …rest]`; repeated indices add up; an index outside adds nothing. */
  scatterAdd(indices: Operand<H>, updates: Operand<H>, rows: number): H;

  /** Converts elements; float → i32 truncates toward zero, saturates at the ends, and makes 0 of NaN. */
  cast(x: Operand<H>, dtype: DType): H;
  /** A new tensor with every element `value`. */
  fill(shape: Shape, value: number, dtype: DType): H;
}

/**
 * A backend: required ops, as many fused ones as it has something faster for, and what it says of itself.
 * Make one with its package's `createBackend`, select it with `useBackend`.
 */
export interface Backend<H extends object = object> extends RequiredOps<H>, Partial<FusedOps<H>> {
  readonly specificationVersion: typeof specificationVersion;
  /** Short name, `js`, `wasm`, `webgpu`, `tfjs-webgl`. */
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly info: BackendInfo;
  /** As `read`, at once; present exactly when `capabilities.syncRead`. */
  readSync?(x: Operand<H>): TypedArray;
  /**
   * A step ends here: what was enqueued may be handed to the device now. Core's callers call it after each update; a backend that
   * hands on every op at once leaves it out. It does not wait, and `read` needs no flush before it.
   */
  flush?(): void;
  /** Ends workers and frees everything; using the backend afterwards throws, but `release` then does nothing. */
  dispose?(): void;
}
