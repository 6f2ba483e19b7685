import type { StepRange } from '@tempograd/core';

/**
 * How the gradients of one update are doing: plain data, the same after `JSON.parse(JSON.stringify(health))` where all is finite. What
 * was not asked for, or cannot be had, is null. A number that is not finite stands as it came, NaN or Infinity, and JSON has null for it;
 * `finite` says whether there is one. Norms are Euclidean and of the gradient as it is trained on: that of the summed loss, divided by
 * the normaliser, before clipping.
 */
export interface GradientHealth {
  /** The update that it is of, from 1; null outside training. */
  readonly update: number | null;
  /** Whether every loss, gradient and parameter norm was finite. */
  readonly finite: boolean;
  /** Recurrent layers in the order in which data goes through them, a reverse direction after its forward one. */
  readonly layers: readonly LayerHealth[];
  /** Recurrences whose `δ_t` was not seen, each with the reason; empty where all were. */
  readonly unseen: readonly string[];
  /** Every parameter, in the order of `treeEntries(params)`. */
  readonly parameters: readonly ParameterHealth[] | null;
  /** Norm of the whole gradient, before clipping. */
  readonly gradientNorm: number | null;
  /** Null where nothing is clipped. */
  readonly clipping: ClippingHealth | null;
  /**
   * How much of what is predicted comes from what went in: `(L′ − L) / (|L′| + |L|)`, where L′ is the loss when every row is given the
   * outputs of another row, or every step those of another step, the larger of the two. 0 where predictions do not depend on the inputs,
   * near 1 where all is in them; of a squared error, the share of the variance that is explained.
   */
  readonly informed: number | null;
  /**
   * Leading Lyapunov exponents in nats a step, largest first, of the whole state along the steps looked at. Null in steps of `fit`, as are
   * `cosine` and `spectralRadius`: each takes longer than an update. `gradientHealth` measures them of a stretch, between updates or after.
   */
  readonly lyapunov: readonly number[] | null;
  /** Cosine between the strategy's gradient and the full one, on a sample. Null in steps of `fit`. */
  readonly cosine: number | null;
}

/** One recurrent layer in one direction. */
export interface LayerHealth {
  /** The path of its parameters without their kind, `rnn.l0` for `rnn.weight_hh_l0`; the path of a carry's leaf where a cell is one's own. */
  readonly name: string;
  /** What of the sequence `byTime` covers, counted from its first step; null where `byTime` is. */
  readonly steps: StepRange | null;
  /** `‖δ_t‖ = ‖dL/dh_t‖` for each of the steps, over all rows and units; L is all losses of the update that lie after t. */
  readonly byTime: readonly number[] | null;
  /**
   * `‖∂ℓ_s/∂h_{s−k}‖` for k = 0, 1, …: what one loss, the last of those looked at, says of the state k steps before. Null in steps of `fit`
   * where a cell is one's own, which does not run as one kernel: `gradientHealth` and `gradientByLag` have it.
   */
  readonly byLag: readonly number[] | null;
  /** By gate: `i`, `f`, `g`, `o` of an LSTM; `r`, `z`, `n` of a GRU; `h` of a simple layer. */
  readonly saturation: Readonly<Record<string, GateSaturation>> | null;
  /** Units that never moved; null where fewer than two steps and rows were looked at. */
  readonly dead: DeadUnits | null;
  /** Largest `|λ|` of the eigenvalues of `D_t = ∂h_t/∂h_{t−1}`, the mean over what was looked at. Null in steps of `fit`. */
  readonly spectralRadius: number | null;
}

/** How often a gate lies at its ends, over all units, rows and the last 2 steps of a segment. */
export interface GateSaturation {
  /** Share of values below 0.05; below −0.95 where the activation is tanh; 0 or below where it is relu. */
  readonly low: number;
  /** Share of values above 0.95; always 0 where the activation is relu. */
  readonly high: number;
}

/** Units whose outputs are the same, within 1e-5, at every step and row of the update: relu units that never fire, tanh units that are stuck. */
export interface DeadUnits {
  /** How many are so. */
  readonly count: number;
  /** How many there are. */
  readonly of: number;
}

/** One parameter. */
export interface ParameterHealth {
  /** Its path, such as `rnn.weight_hh_l0`. */
  readonly name: string;
  /** Its numbers. */
  readonly size: number;
  /** Norm of its gradient, before clipping. */
  readonly gradient: number;
  /** Its own norm, before the update. */
  readonly weight: number;
  /** Norm of what the update changed; null where none was made. A healthy one is about a thousandth of `weight`. */
  readonly update: number | null;
}

/**
 * How often and how hard clipping bit, over the updates since the health before; where each number is bounded by itself, in this
 * update alone.
 */
export interface ClippingHealth {
  /** Updates looked at. */
  readonly updates: number;
  /** Share of them whose gradient was made smaller. */
  readonly share: number;
  /** Mean factor of those by which the norm was multiplied, in (0, 1]; 1 where none was clipped. */
  readonly meanFactor: number;
  /** The factor of this update. */
  readonly factor: number;
}
