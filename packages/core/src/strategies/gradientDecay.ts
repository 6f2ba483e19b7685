/** What was measured of the gradient's way back: plain numbers. */
export interface MeasuredDecay {
  /** φ_k, the norm of ∂ℓ_s/∂h_{s−k}, the mean over losses, for k = 0, 1, … */
  readonly phi: readonly number[];
  /** The most that the parameters get of it: the largest ratio of ‖G[s][s−k]‖ to φ_k. */
  readonly ratio: number;
  /** The norm of the truncated gradient, of a loss. */
  readonly gradient: number;
}

/** A measurement with its tail: φ_k ≤ `height`·`decay`^k beyond what was measured. */
export interface GradientDecay extends MeasuredDecay {
  /** β, 0 where nothing is left at all; 1 or more where the gradient does not fade. */
  readonly decay: number;
  readonly height: number;
}

/**
 * Fits the decay: log φ_k against k by least squares over the later half of what was measured, and the height such that no φ_k of it
 * lies above. Null where too little was measured.
 */
export function fitDecay(measured: MeasuredDecay): GradientDecay | null {
  const { phi } = measured;
  if (!phi.every(Number.isFinite) || !Number.isFinite(measured.gradient) || phi.length < 3) return null;
  if ((phi.at(-1) as number) === 0) return { ...measured, decay: 0, height: 0 };
  const first = Math.max(1, Math.floor(phi.length / 2));
  const points = phi.flatMap((norm, k): [number, number][] => (k >= first && norm > 0 ? [[k, Math.log(norm)]] : []));
  if (points.length < 2) return null;
  const mean = (of: (point: [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [k, log] = [mean(([lag]) => lag), mean(([, value]) => value)];
  const slope = mean(([lag, value]) => (lag - k) * (value - log)) / mean(([lag]) => (lag - k) ** 2);
  const height = Math.exp(Math.max(...points.map(([lag, value]) => value - slope * lag)));
  return { ...measured, decay: Math.exp(slope), height };
}

/**
 * Bound on the relative bias of `length` steps back: with B the norm of what is left out, `ratio · Σ_{k≥length} φ_k`, measured as far as
 * that goes and `height·β^k` beyond, it is B/(‖g‖ − B), g the truncated gradient; infinite where that says nothing.
 */
export function biasBound({ phi, ratio, gradient, decay, height }: GradientDecay, length: number): number {
  if (decay >= 1) return Infinity;
  const measured = phi.slice(length).reduce((sum, norm) => sum + norm, 0);
  const beyond = (height * decay ** Math.max(length, phi.length)) / (1 - decay);
  const left = ratio * (measured + beyond);
  if (left === 0) return 0;
  return left < gradient ? left / (gradient - left) : Infinity;
}

/** The smallest length whose bound is within the tolerance; the longest where none is. */
export function lengthWithin(decay: GradientDecay, tolerance: number, shortest: number, longest: number): number {
  // The bound falls with the length: halve the range.
  let [low, high] = [shortest, longest];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (biasBound(decay, middle) <= tolerance) high = middle;
    else low = middle + 1;
  }
  return low;
}
