import { ArgumentError, disposeTree } from '@tempograd/core';
import type { Counters } from './Counters.js';
import { divergence } from './DivergenceError.js';
import type { ReadUpdate } from './enqueueUpdate.js';
import type { HealthWatch, LookedAt } from './health/HealthWatch.js';
import type { TrainingStep } from './TrainingStep.js';

/** What is done between updates. */
type Later = 'evaluation' | 'best' | 'saved';

/** A step, in which what is done between updates is yet to be set down. */
export type TakenStep = Omit<TrainingStep, Later> & { -readonly [K in Later]: TrainingStep[K] };

/** What is known of an update when it is enqueued. */
interface Enqueued<P> {
  /** Loss, norm and count, when they are there. */
  readonly read: Promise<ReadUpdate>;
  readonly facts: Omit<TrainingStep, Later | 'loss' | 'items' | 'normaliser' | 'gradientNorm' | 'skipped' | 'health'>;
  readonly counters: Counters;
  /** Borrowed. */
  readonly params: P;
  /** Trees that an error would be told of, taken over, beside the parameters. */
  readonly held: Readonly<Record<'data' | 'carry' | 'gradient', unknown>>;
  /** What of the data does not fit the task, in words; null where nothing is known of it. */
  readonly faultOf: () => Promise<string | null>;
  readonly clipped: boolean;
  /** Where in the data it is, in words. */
  readonly where: string;
  /** Who makes a health of what was looked at; null where none is asked for. */
  readonly health: Pick<HealthWatch<P, unknown, unknown, unknown>, 'take'> | null;
  /** What was looked at, taken over; null where nothing was. */
  readonly looked: LookedAt<P> | null;
}

/** An update that was enqueued whole. */
export class EnqueuedUpdate<P> {
  #enqueued: Enqueued<P>;
  #instead: TakenStep | null = null;
  #settled: TakenStep | null | undefined = undefined;

  constructor(enqueued: Enqueued<P>) {
    this.#enqueued = enqueued;
    // `settle` reports what went wrong; nobody may ask.
    enqueued.read.catch(() => undefined);
  }

  /** Resolves, or rejects, when `settle` will do so at once. */
  get answer(): Promise<unknown> {
    return this.#enqueued.read;
  }

  /**
   * Waits for its loss and norm; null where no loss counted in it, and it has changed nothing.
   * @throws DivergenceError when they are not finite; then it has changed nothing either. ArgumentError when the count is none.
   */
  async settle(): Promise<TakenStep | null> {
    if (this.#settled === undefined) this.#settled = (await this.#settle()) ?? this.#instead;
    return this.#settled;
  }

  /** Where it turns out to be none, an update before it is given in its place. */
  orElse(instead: TakenStep | null): this {
    this.#instead = instead;
    return this;
  }

  async #settle(): Promise<TakenStep | null> {
    const { read, facts, counters, params, held, faultOf, health: watch, looked } = this.#enqueued;
    try {
      const { loss, gradientNorm, items, normaliser } = await read;
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
        counters.fail();
        const { data, carry, gradient } = held;
        const trees = { data, params, carry, gradient };
        const { lastGood } = counters;
        const { clipped, where } = this.#enqueued;
        const fault = await faultOf();
        throw await divergence({ clipped, where, fault, update: facts.update, trees, loss, gradientNorm, lastGood });
      }
      if (!(items >= 0)) {
        throw new ArgumentError(
          `fit: the lossWeight of a task must be a count of losses, a number ≥ 0, but is ${items} in update ${facts.update}.`,
        );
      }
      if (items === 0) {
        counters.skip();
        return null;
      }
      const mean = loss / items;
      const skipped = counters.take({ update: facts.update, loss: mean, gradientNorm }, facts.epoch);
      const { update, parameterSteps } = facts;
      const health = watch === null ? null : await watch.take(looked, { update, parameterSteps, gradientNorm });
      return {
        update,
        epoch: facts.epoch,
        loss: mean,
        items,
        normaliser,
        skipped,
        lossSteps: facts.lossSteps,
        parameterSteps,
        droppedLosses: facts.droppedLosses,
        forwardSteps: facts.forwardSteps,
        backwardSteps: facts.backwardSteps,
        unbiased: facts.unbiased,
        truncation: facts.truncation,
        gradientNorm,
        learningRate: facts.learningRate,
        position: facts.position,
        evaluation: null,
        best: null,
        health,
        saved: false,
        peakBytes: facts.peakBytes,
      };
    } finally {
      this.dispose();
    }
  }

  /** Lets go of what it holds, when nobody wants to know. */
  dispose(): void {
    disposeTree(this.#enqueued.held);
    this.#enqueued.looked?.probe.dispose();
  }
}
