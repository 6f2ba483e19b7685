import {
  add,
  disposeTree,
  keep,
  scope,
  shareTree,
  sliceAxis,
  timeOf,
  treeLeaves,
  treeMap,
  type StepRange,
  type Tensor,
} from '@tempograd/core';
import { batchOf, lossWeight, type TrainableTask } from './TrainableTask.js';

/** The steps that a strategy was given and has not trained on yet, kept to count the losses of the update they end up in. */
export class HeldStretches<P, C, S, O> {
  #task: TrainableTask<P, C, S, O>;
  #held: { readonly from: number; readonly to: number; readonly stretch: S }[] = [];

  constructor(task: TrainableTask<P, C, S, O>) {
    this.#task = task;
  }

  get steps(): number {
    return (this.#held.at(-1)?.to ?? 0) - (this.#held[0]?.from ?? 0);
  }

  /** Rows of the steps. */
  get batch(): number {
    return batchOf(this.#held[0]?.stretch);
  }

  /** The stretches themselves; one alone where there is one. */
  get stretches(): unknown {
    return this.#held.length === 1 ? this.#held[0]?.stretch : this.#held.map(({ stretch }) => stretch);
  }

  /** All of them, and the step of the sequence that they begin at. */
  get whole(): { readonly stretches: readonly S[]; readonly from: number } {
    return { stretches: this.#held.map(({ stretch }) => stretch), from: this.#held[0]?.from ?? 0 };
  }

  /** The step of the sequence that each of them begins at. */
  get begins(): readonly number[] {
    return this.#held.map(({ from }) => from);
  }

  /** Shares the stretch, which begins at step `from` of its sequence. */
  add(stretch: S, from: number): void {
    this.#held.push({ from, to: from + timeOf(stretch, 'tensors of a stretch'), stretch: shareTree(stretch) });
  }

  /** Losses in the steps of a range: their number where it can be read at once, else a tensor, which belongs to the caller, outside every scope. */
  count(range: StepRange): Tensor | number {
    return scope(() => {
      const counts = this.#held.map(({ from, to, stretch }): Tensor | number => {
        const [begin, end] = [Math.max(from, range.from), Math.min(to, range.to)];
        if (begin >= end) return 0;
        const isWhole = begin === from && end === to;
        const part = isWhole ? stretch : treeMap(stretch, (leaf) => sliceAxis(leaf, begin - from, end - from));
        return lossWeight(this.#task, part);
      });
      const known = counts.reduce<number>((sum, count) => (typeof count === 'number' ? sum + count : sum), 0);
      const asked = counts.filter((count) => typeof count !== 'number');
      if (asked.length === 0) return known;
      const total = asked.reduce((sum, count) => add(sum, count));
      if (total.backend.readSync !== undefined) return known + (total.readSync()[0] as number);
      return known === 0 ? shareTree(total) : keep(add(total, known));
    });
  }

  clear(): void {
    disposeTree(this.#held.map(({ stretch }) => stretch));
    this.#held = [];
  }
}

/** Steps `from … to` of a stretch, owned by the caller, outside every scope. */
export function sliceSteps<S>(stretch: S, from: number, to: number): S {
  return scope(() => keep(treeMap(stretch, (leaf) => sliceAxis(leaf, from, to))));
}

/** Steps of a stretch that is not known to be one; 0 where it has none. */
export function stepsIn(stretch: unknown): number {
  return treeLeaves(stretch)[0]?.shape[0] ?? 0;
}
