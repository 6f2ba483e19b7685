import { scope, shareTree, type StepRange } from '@tempograd/core';
import { startHealth, type GradientHealth, type HealthCollector, type HealthProbe } from '../../health/index.js';
import { messageOf } from '../../messageOf.js';
import type { Counters } from '../Counters.js';
import type { FitOptions } from '../FitOptions.js';
import type { StepGradient } from '../GradientSum.js';
import { factorOf } from '../prepareGradient.js';
import { PackedTree } from './PackedTree.js';
import { sampleLook } from './sampleLook.js';
import { disposeSighting, type Sighting } from './Sighting.js';
import type { TrainingHealthOptions } from './TrainingHealthOptions.js';
import { withSample, type ReadSample } from './withSample.js';

/** An update that was looked at, until it is known to be one: then it is taken, else its probe disposed of. */
export interface LookedAt<P> {
  readonly probe: HealthProbe<P>;
  readonly sample: Promise<ReadSample>;
}

/** What is known of an update then. */
export interface TakenFacts {
  readonly update: number;
  readonly parameterSteps: StepRange;
  /** Before clipping. */
  readonly gradientNorm: number;
}

/** Looks at every n-th update of a run, and changes nothing of it. */
export class HealthWatch<P, C, S, O> {
  #options: FitOptions<P, C, S, O>;
  #counters: Counters;
  #collector: HealthCollector<P>;
  #size: { readonly rows: number; readonly steps: number } | null;
  #probe: HealthProbe<P> | null = null;
  #sighting: Sighting<C, S> | null = null;

  constructor(options: FitOptions<P, C, S, O>, health: TrainingHealthOptions, counters: Counters) {
    const { sample = {}, ...measured } = health;
    this.#options = options;
    this.#counters = counters;
    this.#collector = startHealth(measured, options.clip ?? null);
    this.#size = sample && { rows: sample.rows ?? 4, steps: sample.steps ?? 64 };
  }

  /** Runs what computes a gradient of `params`, and looks on where the next update is due; what it is computed of is borrowed. */
  see<R>(params: P, of: Sighting<C, S>, compute: () => R): R {
    this.#forget();
    this.#probe = this.#collector.probe(this.#counters.update + 1);
    if (this.#probe === null) return compute();
    if (this.#size !== null)
      this.#sighting = { stretches: of.stretches.map(shareTree), carry: shareTree(of.carry), from: of.from };
    return this.#probe.backward(params, compute);
  }

  /** Runs what takes a step by a gradient, which is borrowed, and looks on where its gradient was looked at. */
  step<R>(
    { update: { gradient, loss }, normaliser }: StepGradient<P>,
    take: () => R,
  ): { taken: R; looked: LookedAt<P> | null } {
    const [probe, sighting] = [this.#probe, this.#sighting];
    if (probe === null) return { taken: take(), looked: null };
    this.#probe = this.#sighting = null;
    const { params } = this.#options;
    try {
      const { taken } = scope(() => {
        const factor = factorOf(normaliser, loss);
        return { taken: probe.step({ params, gradient, factor }, take) };
      });
      // After the update, whose answer is not to wait for it.
      return { taken, looked: { probe, sample: this.#readSample(sighting) } };
    } catch (error) {
      probe.dispose();
      throw error;
    } finally {
      if (sighting !== null) disposeSighting(sighting);
    }
  }

  /** What was seen of an update that is known to be one. Each of them passes here, looked at or not. */
  async take(looked: LookedAt<P> | null, facts: TakenFacts): Promise<GradientHealth | null> {
    this.#collector.counted(facts.gradientNorm);
    if (looked === null) return null;
    const sample = await looked.sample;
    return withSample(await this.#collector.read(looked.probe, facts), sample);
  }

  dispose(): void {
    this.#forget();
  }

  #forget(): void {
    this.#probe?.dispose();
    if (this.#sighting !== null) disposeSighting(this.#sighting);
    this.#probe = this.#sighting = null;
  }

  /** Computes a sample at once, and reads it when it is there. What goes wrong with it does not stop the training. */
  async #readSample(sighting: Sighting<C, S> | null): Promise<ReadSample> {
    if (sighting === null || this.#size === null) return null;
    const size = this.#size;
    const { task, params } = this.#options;
    try {
      return await scope(() => ({
        packed: new PackedTree(sampleLook(task, params, sighting, size)),
      })).packed.read();
    } catch (cause) {
      return { fault: messageOf(cause) };
    }
  }
}
