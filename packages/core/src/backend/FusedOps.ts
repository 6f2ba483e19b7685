import type { Operand, Result } from './Backend.js';
import type { FloatDType } from './dtype.js';
import type { RecurrentCell } from './primitives.js';
import type { CompiledSegment, SegmentProgram } from './SegmentProgram.js';
import type { Shape } from './shape.js';

/**
 * One recurrent layer in one direction over a whole segment, in PyTorch's conventions.
 *
 * Gate rows are in the order LSTM i, f, g, o and GRU r, z, n, with GRU's reset after the product:
 * - rnn: `h' = φ(W x + b + U h + d)`, φ = tanh or relu
 * - lstm: `i, f, o = σ(·)`, `g = tanh(·)`, `c' = f⊙c + i⊙g`, `h' = o⊙tanh(c')`
 * - gru: `r, z = σ(·)`, `n = tanh(W_n x + b_n + r⊙(U_n h + d_n))`, `h' = (1−z)⊙n + z⊙h`
 *
 * Shapes, with G = gateCount[cell]: input `[T, B, I]`, carry `[B, H]` each (h; for lstm h and c), weightIh (W) `[G·H, I]`,
 * weightHh (U) `[G·H, H]`, biasIh (b) and biasHh (d) `[G·H]` both or neither, mask i32 `[T, B]` or null. T ≥ 1.
 * Where the mask is 0 a step leaves the carry as it is and its output row is 0. Neither the input nor the output's cotangent is
 * looked at there, forward or backward, whatever it holds; the input's gradient there is 0.
 *
 * The input may also be row numbers, i32 `[T, B]`: then weightIh is a table `[rows, G·H]` whose row x stands for `W x`, as if x
 * were one-hot and the table Wᵀ. That is an embedding with its product done once for each row instead of once for each step.
 * A row number outside the table gives NaN, but at masked steps it is not looked at. There is no gradient of such an input.
 * With `reverse` the segment runs from its last step to its first; outputs stay at their own time.
 */
export interface RecurrentArgs<H extends object = object> {
  readonly cell: RecurrentCell;
  readonly reverse: boolean;
  readonly input: Operand<H>;
  readonly carry: readonly Operand<H>[];
  readonly weightIh: Operand<H>;
  readonly weightHh: Operand<H>;
  readonly biasIh: Operand<H> | null;
  readonly biasHh: Operand<H> | null;
  readonly mask: Operand<H> | null;
}

/** What a whole segment gives. */
export interface RecurrentForwardResult<H extends object = object> {
  /** `[T, B, H]`. */
  readonly output: Result<H>;
  /** After the last step run: h, or h and c, `[B, H]` each. */
  readonly carry: readonly Result<H>[];
  /**
   * What the backward pass needs of the forward one, null unless asked for: tensors that the caller owns, hands back as they are and
   * does not look into. Which, and how they are laid out, is the backend's to say.
   */
  readonly saved: readonly Result<H>[] | null;
}

export interface RecurrentBackwardArgs<H extends object = object> extends RecurrentArgs<H> {
  readonly saved: readonly Operand<H>[];
  /** dL/d output `[T, B, H]`, or null for zero. At masked steps it is ignored: that output is a constant. */
  readonly outputCotangent: Operand<H> | null;
  /** dL/d final carry, `[B, H]` each, or null for zero. */
  readonly carryCotangents: readonly (Operand<H> | null)[];
  /** Which gradients are wanted; the others come back null. `delta` is the total `dL/dh_t` of every step, `[T, B, H]`. */
  readonly wants: {
    readonly input: boolean;
    readonly carry: boolean;
    readonly weights: boolean;
    readonly delta: boolean;
  };
  /**
   * Default is none. Gradients so far of the weights and biases, each null for none. What is given is overwritten with
   * `so far + gradient`, the gradient rounded first as it would have been returned, and comes back null: so the parts of a
   * sequence, added up from the last to the first, give the same bits whoever adds. In place, as optimiser steps are; no two are
   * the same tensor.
   */
  readonly into?: RecurrentWeights<Operand<H> | null> | null;
}

/** The weights of a recurrent layer, or something for each of them. */
export interface RecurrentWeights<T> {
  readonly weightIh: T;
  readonly weightHh: T;
  readonly biasIh: T;
  readonly biasHh: T;
}

export interface RecurrentBackwardResult<H extends object = object> extends RecurrentWeights<Result<H> | null> {
  readonly input: Result<H> | null;
  readonly carry: readonly Result<H>[] | null;
  readonly delta: Result<H> | null;
}

/** A scalar of the parameter's dtype that the device holds when the op runs, or a number. */
export type Scalar<H extends object = object> = Operand<H> | number;

/** A step of one parameter among those of an update. `M` is its moments, `S` its settings, which as a rule several steps share. */
export interface OptimiserStep<M, S, H extends object = object> {
  readonly parameter: Operand<H>;
  readonly gradient: Operand<H>;
  readonly moments: M;
  readonly settings: S;
}

/** What optimiser steps take from the update that they belong to. None of it need be known on the host. */
export interface StepControls<H extends object = object> {
  readonly learningRate: Scalar<H>;
  /** Number of the update, from 1. */
  readonly step: Scalar<H>;
  /** Multiplies the gradient first: a clipping factor, one over the number of losses. */
  readonly scale: Scalar<H>;
  /** Where this scalar is not finite no step changes anything, neither parameter nor moments. Null for always. */
  readonly guard: Operand<H> | null;
}

/**
 * Adam and AdamW: `m ← β1 m + (1−β1) g`, `v ← β2 v + (1−β2) g²`, `θ ← θ − lr · m̂ / (√v̂ + ε)`, m̂ and v̂ bias-corrected by the
 * step's number. With `maxMoment2` (AMSGrad): `u ← max(u, v)`, and û takes the place of v̂.
 */
export interface AdamSettings {
  /** β₁: how much of the mean gradient is kept at a step. */
  readonly beta1: number;
  /** β₂: how much of the mean square is kept. */
  readonly beta2: number;
  /** ε: added to the root of the mean square. */
  readonly epsilon: number;
  /** λ: 0 is none. */
  readonly weightDecay: number;
  /** True for AdamW (`θ ← θ − lr·λ·θ` apart from the moments), false for L2 (`g ← g + λ·θ`). */
  readonly decoupled: boolean;
}

/** Running averages of Adam, m and v, and the largest v so far, u, or null for plain Adam. */
export interface AdamMoments<T> {
  readonly moment1: T;
  readonly moment2: T;
  readonly maxMoment2: T | null;
}

/** SGD: `g ← g + λθ`, `v ← μ v + g` (`v = g` at step 1), `θ ← θ − lr · (nesterov ? g + μ v : v)`. */
export interface SgdSettings {
  /** μ: how much of the velocity is kept; 0 is none. */
  readonly momentum: number;
  /** Whether the step looks ahead along the velocity. */
  readonly nesterov: boolean;
  /** λ, added to the gradient as λθ; 0 is none. */
  readonly weightDecay: number;
}

/** Momentum of SGD, v; null exactly when μ is 0. */
export interface SgdMoments<T> {
  readonly velocity: T | null;
}

/**
 * RMSprop: `q ← α q + (1−α) g²`, `u = g / (√q + ε)`, `b ← μ b + u`, `θ ← θ − lr·b`; L2 decay added to g first. With `mean`
 * (centred): `a ← α a + (1−α) g`, and `√max(q − a², 0)` takes the place of √q; only rounding brings the difference below 0.
 */
export interface RmspropSettings {
  /** α: how much of the mean square is kept at a step. */
  readonly alpha: number;
  /** ε: added to the root of the mean square. */
  readonly epsilon: number;
  /** μ: how much of the velocity is kept; 0 is none. */
  readonly momentum: number;
  /** λ, added to the gradient as λθ; 0 is none. */
  readonly weightDecay: number;
}

/** Running averages of RMSprop: q; b, null exactly when μ is 0; a, null unless centred. */
export interface RmspropMoments<T> {
  readonly square: T;
  readonly velocity: T | null;
  readonly mean: T | null;
}

/**
 * The optional ops. Each is a family: a fused forward comes with its backward or not at all. What a backend leaves out,
 * core composes from required ops with the same signature and the same results, within rounding.
 */
export interface FusedOps<H extends object = object> {
  /** A whole segment of a standard cell. `save` asks for what the backward pass needs. */
  recurrentForward(args: RecurrentArgs<H>, save: boolean): RecurrentForwardResult<H>;
  /** Its way back: cotangents of what `wants` names, added to gradients so far where these are given. */
  recurrentBackward(args: RecurrentBackwardArgs<H>): RecurrentBackwardResult<H>;

  /**
   * A step of any cell, compiled to run over whole segments; null when this backend cannot compile it, and core then runs the step
   * again and again. Called once for a cell and the shapes and dtypes of its step.
   */
  compileSegment(program: SegmentProgram): CompiledSegment<H> | null;

  /** `h_t = a_t ⊙ h_{t−1} + b_t` over axis 0: a, b `[T, …rest]`, h0 `[…rest]` → h `[T, …rest]`. */
  linearScanForward(a: Operand<H>, b: Operand<H>, h0: Operand<H>): H;
  /** From a, h, h0 and dL/dh: gradients of a, b and h0. */
  linearScanBackward(a: Operand<H>, h: Operand<H>, h0: Operand<H>, cotangent: Operand<H>): { a: H; b: H; h0: H };

  /**
   * Per-row softmax cross-entropy: logits `[…, C]`, targets i32 `[…]` → loss `[…]`, and its gradient `[…, C]` when wanted.
   * `loss = (1−s)·(lse − x_y) + s·(lse − mean x)`, s the label smoothing. A negative target is ignored: loss 0, gradient 0.
   * A target ≥ C gives a loss of NaN, and a gradient of NaN in its whole row. Only differences of logits count: large ones neither cancel nor overflow.
   */
  softmaxCrossEntropy(
    logits: Operand<H>,
    targets: Operand<H>,
    labelSmoothing: number,
    wantGradient: boolean,
  ): { loss: H; gradient: H | null };

  /** `x Wᵀ + b`: x `[…, I]`, weight `[O, I]`, bias `[O]` or null → `[…, O]`. */
  linearForward(x: Operand<H>, weight: Operand<H>, bias: Operand<H> | null): H;
  /** From dL/dy `[…, O]`: gradients of x, weight, bias, each where wanted. */
  linearBackward(
    x: Operand<H>,
    weight: Operand<H>,
    cotangent: Operand<H>,
    wants: { readonly x: boolean; readonly weight: boolean; readonly bias: boolean },
  ): { x: H | null; weight: H | null; bias: H | null };

  /** Normalises rows of x `[N, C]`: `(x − mean)/√(var + ε) ⊙ weight + bias`; also the mean and 1/√(var + ε), `[N]` each. */
  layerNormForward(
    x: Operand<H>,
    weight: Operand<H>,
    bias: Operand<H>,
    epsilon: number,
  ): { output: H; mean: H; rstd: H };
  /** Its way back: cotangents of x, weight and bias, of the saved mean and reciprocal deviation. */
  layerNormBackward(
    x: Operand<H>,
    weight: Operand<H>,
    mean: Operand<H>,
    rstd: Operand<H>,
    cotangent: Operand<H>,
  ): { x: H; weight: H; bias: H };

  /**
   * Steps of an update's parameters, one or more, in place: each `parameter` and its moments are overwritten. All of a step are of
   * one float dtype and one shape, and nothing that is overwritten stands anywhere else in the call. Other handles that share an
   * overwritten operand's storage (views) keep their values: the backend first gives the operand storage of its own. Where that
   * fails it throws before the first step is taken.
   */
  adamSteps(steps: readonly OptimiserStep<AdamMoments<Operand<H>>, AdamSettings, H>[], controls: StepControls<H>): void;
  /** Steps of SGD: changes parameters and velocities where they are. */
  sgdSteps(steps: readonly OptimiserStep<SgdMoments<Operand<H>>, SgdSettings, H>[], controls: StepControls<H>): void;
  /** Steps of RMSprop: changes parameters and moments where they are. */
  rmspropSteps(
    steps: readonly OptimiserStep<RmspropMoments<Operand<H>>, RmspropSettings, H>[],
    controls: StepControls<H>,
  ): void;

  /** `√Σ x²` over all elements of all tensors, a scalar of their dtype; accumulated in f64 or pairwise. */
  globalNorm(xs: readonly Operand<H>[]): H;

  /**
   * Uniform numbers in [0, 1): element i is the top 24 bits of word `(offset + i)` of the Threefry-2x32-20 stream of `key`, times 2⁻²⁴.
   * Word w is lane `w mod 2` of the block with counter `(⌊w/2⌋ mod 2³², ⌊w/2³³⌋)`.
   */
  randomUniform(shape: Shape, dtype: FloatDType, key: readonly [number, number], offset: number): H;
}

/** The families of optional ops. */
export type FusedFamily =
  | 'recurrent'
  | 'segment'
  | 'linearScan'
  | 'softmaxCrossEntropy'
  | 'linear'
  | 'layerNorm'
  | 'adam'
  | 'sgd'
  | 'rmsprop'
  | 'globalNorm'
  | 'randomUniform';

/** Names of the fused families, as the resolver reports them, with the members each must have together. */
export const fusedFamilies: Readonly<Record<FusedFamily, readonly [keyof FusedOps, ...(keyof FusedOps)[]]>> = {
  recurrent: ['recurrentForward', 'recurrentBackward'],
  segment: ['compileSegment'],
  linearScan: ['linearScanForward', 'linearScanBackward'],
  softmaxCrossEntropy: ['softmaxCrossEntropy'],
  linear: ['linearForward', 'linearBackward'],
  layerNorm: ['layerNormForward', 'layerNormBackward'],
  adam: ['adamSteps'],
  sgd: ['sgdSteps'],
  rmsprop: ['rmspropSteps'],
  globalNorm: ['globalNorm'],
  randomUniform: ['randomUniform'],
};
