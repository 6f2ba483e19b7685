import { add, disposeTree, keep, scope, shareTree, Tensor, treeZip, type Update } from '@tempograd/core';
import type { UpdatePart } from './SequenceRun.js';

/** A gradient to take a step by: what a step of the optimiser needs of one update, or of several. */
export interface StepGradient<P> {
  /** The update, or as one what several add up to. */
  readonly update: Update<P>;
  /** How many losses it sums. */
  readonly count: Tensor | number;
  /** Divides the gradient, tensor or not; the count itself where that does. */
  readonly normaliser: Tensor | number;
}

/** An update as it is, for a step of its own. */
export function alone<P>({ update, count, normaliser }: UpdatePart<P>): StepGradient<P> {
  return { update, count, normaliser: normaliser ?? count };
}

/**
 * Gradients of several updates, added up as one batch of all of them would have them: losses, gradients and counts are sums, and
 * what divides them is the sum of what divides each, once for each sequence where it is the losses of the whole of it. Ranges of
 * steps are those of the last one; the sum is unbiased where each of them is.
 */
export class GradientSum<P> {
  #parts = 0;
  #sum: StepGradient<P> | null = null;
  /** Sequences whose losses are in the divisor. */
  #wholes = new Set<number>();

  /** How many updates are in it. */
  get parts(): number {
    return this.#parts;
  }

  /** Adds an update, whose gradient and loss are borrowed; the count is taken over. */
  add(part: UpdatePart<P>): void {
    const before = this.#sum;
    const step = alone(part);
    const { update } = step;
    const divides = part.wholeOf === null || !this.#wholes.has(part.wholeOf);
    if (part.wholeOf !== null) this.#wholes.add(part.wholeOf);
    this.#parts++;
    if (before === null) {
      const own = { ...update, gradient: shareTree(update.gradient), loss: shareTree(update.loss) };
      this.#sum = { ...step, update: own };
      return;
    }
    const soFar = before.update;
    this.#sum = scope(() => ({
      update: {
        ...update,
        gradient: keep(treeZip(soFar.gradient, update.gradient, add)),
        loss: keep(add(soFar.loss, update.loss)),
        droppedLosses: soFar.droppedLosses + update.droppedLosses,
        forwardSteps: soFar.forwardSteps + update.forwardSteps,
        backwardSteps: soFar.backwardSteps + update.backwardSteps,
        unbiased: soFar.unbiased && update.unbiased,
      },
      count: plus(before.count, step.count),
      normaliser: divides ? plus(before.normaliser, step.normaliser) : shared(before.normaliser),
    }));
    release(before);
    if (step.count instanceof Tensor) step.count.dispose();
  }

  /** All that was added, owned by the caller; what is added next starts another sum. */
  take(): StepGradient<P> | null {
    const sum = this.#sum;
    this.#sum = null;
    this.#parts = 0;
    this.#wholes.clear();
    return sum;
  }

  dispose(): void {
    const sum = this.take();
    if (sum !== null) release(sum);
  }
}

/** Disposes of count and divisor. */
export function releaseCounts({ count, normaliser }: Pick<StepGradient<unknown>, 'count' | 'normaliser'>): void {
  if (count instanceof Tensor) count.dispose();
  if (normaliser instanceof Tensor && normaliser !== count) normaliser.dispose();
}

/** Disposes of all that a step's gradient holds. */
function release<P>(step: StepGradient<P>): void {
  disposeTree([step.update.gradient, step.update.loss]);
  releaseCounts(step);
}

function plus(a: Tensor | number, b: Tensor | number): Tensor | number {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  return keep(typeof a === 'number' ? add(b as Tensor, a) : add(a, b));
}

function shared(x: Tensor | number): Tensor | number {
  return typeof x === 'number' ? x : shareTree(x);
}
