import { add, disposeTree, keep, scope, shareTree, Tensor, treeZip } from '@tempograd/core';
import type { UpdatePart } from './SequenceRun.js';

/** A gradient to take a step by: what a step of the optimiser needs of one update, or of several. */
export interface StepGradient<P> extends Omit<UpdatePart<P>, 'normaliser' | 'wholeOf'> {
  /** Divides the gradient, tensor or not; the count itself where that does. */
  readonly normaliser: Tensor | number;
}

/** An update as it is, for a step of its own. */
export function alone<P>({ wholeOf: _wholeOf, normaliser, ...part }: UpdatePart<P>): StepGradient<P> {
  return { ...part, normaliser: normaliser ?? part.count };
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
    const divides = part.wholeOf === null || !this.#wholes.has(part.wholeOf);
    if (part.wholeOf !== null) this.#wholes.add(part.wholeOf);
    this.#parts++;
    if (before === null) {
      this.#sum = { ...step, gradient: shareTree(step.gradient), loss: shareTree(step.loss) };
      return;
    }
    this.#sum = scope(() => ({
      ...step,
      gradient: keep(treeZip(before.gradient, step.gradient, add)),
      loss: keep(add(before.loss, step.loss)),
      droppedLosses: before.droppedLosses + step.droppedLosses,
      forwardSteps: before.forwardSteps + step.forwardSteps,
      backwardSteps: before.backwardSteps + step.backwardSteps,
      unbiased: before.unbiased && step.unbiased,
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
  for (const each of new Set([count, normaliser])) if (each instanceof Tensor) each.dispose();
}

/** Disposes of all that a step's gradient holds. */
function release<P>(step: StepGradient<P>): void {
  disposeTree([step.gradient, step.loss]);
  releaseCounts(step);
}

function plus(a: Tensor | number, b: Tensor | number): Tensor | number {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  return keep(typeof a === 'number' ? add(b as Tensor, a) : add(a, b));
}

function shared(x: Tensor | number): Tensor | number {
  return typeof x === 'number' ? x : shareTree(x);
}
