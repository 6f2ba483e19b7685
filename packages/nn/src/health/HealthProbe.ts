import {
  disposeTree,
  globalNorm,
  keep,
  mul,
  observeSegments,
  recordPaths,
  scope,
  shareTree,
  sub,
  treeEntries,
  type FloatDType,
  type StepRange,
  type Tensor,
} from '@tempograd/core';
import { clipByValue } from '../optim/index.js';
import type { GradientHealth, ParameterHealth } from './healthTypes.js';
import { layersOf } from './layersOf.js';
import { readTensors } from './readTensors.js';
import { measureSegment, type SegmentMeasures } from './segmentMeasures.js';

/** What the step of an update does with its gradient. */
export interface ProbedStep<P> {
  /** Changed in place by the step. */
  readonly params: P;
  /** Gradient of the summed loss, before anything is done with it. */
  readonly gradient: P;
  /** What it is multiplied by to be a mean. */
  readonly factor: Tensor | number;
}

/** What is known of an update once it is read. */
export interface ProbedUpdate {
  readonly update: number;
  /** The steps whose parameters it moved: `δ_t` of the last ones of them are in it. */
  readonly parameterSteps: StepRange;
}

/** What a probe measures beside norms. */
export interface ProbeSettings {
  /** Whether gates are looked at. */
  readonly saturation: boolean;
  /** Where each number of the gradient is bounded, by how much; null where it is not. */
  readonly limit: number | null;
}

/** What a probe found. */
export interface ProbeFindings extends Omit<GradientHealth, 'clipping'> {
  /** What bounding each number made of the gradient's norm, as a factor; null where that was not done. */
  readonly boundedBy: number | null;
}

/**
 * Looks on while one update is computed and taken. It computes a few norms beside the update and reads them when asked, so that a
 * backend that reads late is not held up; gradients and parameters get the bits that they have without it.
 */
export class HealthProbe<P> {
  #saturation: boolean;
  #segments: SegmentMeasures[] = [];
  #unseen = new Set<string>();
  #paths: string[] = [];
  #sizes: number[] = [];
  #dtype: FloatDType = 'f32';
  /** What the gradient is multiplied by; a tensor is the probe's own. */
  #factor: Tensor | number = 1;
  /** Gradient, weight, update and bounded norms of each parameter, in turn. */
  #norms: Tensor[] = [];
  #limit: number | null;

  constructor({ saturation, limit }: ProbeSettings) {
    this.#saturation = saturation;
    this.#limit = limit;
  }

  /** Runs what computes the gradient of `params`, forward and backward, and looks on. A second call begins anew. */
  backward<R>(params: P, fn: () => R): R {
    this.#forgetSegments();
    const observed = (): R =>
      observeSegments(fn, (segment) => void this.#segments.push(measureSegment(segment, this.#saturation)), params);
    try {
      const { result, paths } = recordPaths(observed);
      for (const { family, path, reason } of paths) {
        if (family === 'recurrent' && path === 'composed') this.#unseen.add(`a recurrent layer: ${reason}`);
        if (family === 'segment')
          this.#unseen.add(`a cell of one's own: ${path === 'fused' ? 'its compiled steps do not show it' : reason}`);
      }
      return result;
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Runs what takes the step, and measures what it does. */
  step<R>({ params, gradient, factor }: ProbedStep<P>, fn: () => R): R {
    this.#forgetStep();
    const entries = treeEntries(params);
    // Copies: parameters that share storage are stepped by another path, which rounds otherwise.
    const before = scope(() => keep(entries.map(([, leaf]) => mul(leaf, 1))));
    try {
      const result = fn();
      this.#paths = entries.map(([path]) => path);
      this.#sizes = entries.map(([, { size }]) => size);
      this.#dtype = (entries[0]?.[1].dtype ?? 'f32') as FloatDType;
      const gradients = new Map(treeEntries(gradient));
      this.#factor = typeof factor === 'number' ? factor : shareTree(factor);
      this.#norms = scope(() =>
        keep(
          entries.flatMap(([path, leaf], index) => {
            const was = before[index] as Tensor;
            const of = gradients.get(path) as Tensor;
            const bounded = this.#limit === null ? [] : [normOf(clipByValue(of, this.#limit, factor))];
            return [mul(normOf(of), factor), normOf(was), normOf(sub(leaf, was)), ...bounded];
          }),
        ),
      );
      return result;
    } finally {
      disposeTree(before);
    }
  }

  /** Reads what was measured; the probe is empty afterwards. */
  async read({ update, parameterSteps }: ProbedUpdate): Promise<ProbeFindings> {
    const segments = this.#segments;
    const norms = this.#norms;
    const factors = typeof this.#factor === 'number' ? [] : [this.#factor];
    const known = typeof this.#factor === 'number' ? this.#factor : 1;
    this.#segments = [];
    this.#norms = [];
    this.#factor = 1;
    const parts = segments.flatMap(({ tensors }) => Object.values(tensors).filter((tensor) => tensor !== null));
    const numbers = await readTensors([...factors, ...norms, ...parts], this.#dtype);
    const factor = Math.abs(numbers.splice(0, factors.length)[0]?.[0] ?? known);
    const values = numbers.splice(0, norms.length).map((each) => each[0] as number);
    const each = this.#limit === null ? 3 : 4;
    const normsOf = (which: number): number[] => this.#paths.map((_, index) => values[each * index + which] as number);
    const [gradients, weights, updates] = [normsOf(0), normsOf(1), normsOf(2)];
    const parameters = this.#paths.map((name, index): ParameterHealth => ({
      name,
      size: this.#sizes[index] as number,
      gradient: gradients[index] as number,
      weight: weights[index] as number,
      update: updates[index] as number,
    }));
    const gradientNorm = Math.hypot(...gradients);
    const layers = layersOf(segments, numbers, parameterSteps, factor);
    const all = [...values, ...layers.flatMap(({ byTime }) => byTime ?? [])];
    return {
      update,
      finite: all.every(Number.isFinite),
      layers,
      unseen: [...this.#unseen],
      parameters: norms.length === 0 ? null : parameters,
      gradientNorm: norms.length === 0 ? null : gradientNorm,
      informed: null,
      lyapunov: null,
      cosine: null,
      boundedBy: each === 3 || gradientNorm === 0 ? null : Math.hypot(...normsOf(3)) / gradientNorm,
    };
  }

  /** Lets go of what was measured. */
  dispose(): void {
    this.#forgetSegments();
    this.#forgetStep();
  }

  #forgetStep(): void {
    disposeTree(this.#norms);
    if (typeof this.#factor !== 'number') this.#factor.dispose();
    this.#norms = [];
    this.#factor = 1;
  }

  #forgetSegments(): void {
    disposeTree(this.#segments.map(({ tensors }) => tensors));
    this.#segments = [];
    this.#unseen.clear();
  }
}

/** One fused op, where `norm` takes a dozen. */
function normOf(x: Tensor): Tensor {
  return globalNorm([x]);
}
