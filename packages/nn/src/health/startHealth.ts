import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import type { ClippingHealth, GradientHealth } from './healthTypes.js';
import { HealthProbe, type ProbedUpdate, type ProbeSettings } from './HealthProbe.js';

/** What of gradients is measured in training, and how often. */
export interface HealthOptions {
  /** Updates from one measurement to the next; default is 10. */
  readonly every?: number;
  /** Whether gates are looked at, for which those of the last 2 steps of a segment are computed again; default is true. */
  readonly saturation?: boolean;
}

const healthTable = optionTable<HealthOptions>({
  every: 'number',
  saturation: 'boolean',
});

/** How gradients are bounded. */
type Bound = { readonly norm: number } | { readonly value: number } | null;

/**
 * Measures some of the updates of a training. For an update that `probe` gives a probe for: `probe.backward` around what computes its
 * gradient, `probe.step` around what takes the step, and, when the update is known to be good, `counted` and then `read`.
 */
export class HealthCollector<P> {
  #every: number;
  #settings: ProbeSettings;
  #maxNorm: number | null;
  /** Of the updates that were clipped, by what factor; how many updates there were. */
  #clipped: number[] = [];
  #updates = 0;
  #factor = 1;

  constructor({ every = 10, saturation = true }: HealthOptions, clip: Bound) {
    checkEvery('startHealth: every', every);
    this.#every = every;
    this.#settings = { saturation, limit: clip !== null && 'value' in clip ? clip.value : null };
    this.#maxNorm = clip !== null && 'norm' in clip ? clip.norm : null;
  }

  /** A probe for an update, counted from 1; null where none is due. */
  probe(update: number): HealthProbe<P> | null {
    return update % this.#every === 0 ? new HealthProbe<P>(this.#settings) : null;
  }

  /** Every update that was taken, with its norm before clipping. */
  counted(gradientNorm: number): void {
    if (this.#maxNorm !== null) this.#count(Math.min(1, this.#maxNorm / (gradientNorm + 1e-6)));
  }

  /** What a probe found; the count of clipped updates begins anew. */
  async read(probe: HealthProbe<P>, update: ProbedUpdate): Promise<GradientHealth> {
    const { boundedBy, ...found } = await probe.read(update);
    // Numbers are bounded one by one: what that does to the norm is known of the updates that are looked at.
    if (boundedBy !== null) this.#count(boundedBy);
    return { ...found, clipping: this.#takeClipping() };
  }

  #count(factor: number): void {
    this.#updates++;
    this.#factor = factor;
    if (factor < 1) this.#clipped.push(factor);
  }

  #takeClipping(): ClippingHealth | null {
    const [updates, clipped] = [this.#updates, this.#clipped];
    this.#updates = 0;
    this.#clipped = [];
    if (updates === 0) return null;
    return {
      updates,
      share: clipped.length / updates,
      meanFactor: clipped.length === 0 ? 1 : clipped.reduce((a, b) => a + b, 0) / clipped.length,
      factor: this.#factor,
    };
  }
}

/** @throws ArgumentError unless it is a number of updates; `what` is what its giver calls it. */
export function checkEvery(what: string, every: number): void {
  if (Number.isSafeInteger(every) && every >= 1) return;
  throw new ArgumentError(`${what} is a number of updates, a whole number ≥ 1, but is ${every}.`);
}

/**
 * Begins to measure a training, whose gradients are bounded by `clip`.
 * @throws ArgumentError for wrong options.
 */
export function startHealth<P>(options: HealthOptions, clip: Bound = null): HealthCollector<P> {
  checkOptions('startHealth', options, healthTable);
  return new HealthCollector<P>(options, clip);
}
