import { sameShape } from '../backend/shape.js';
import { timeOf } from '../recurrence/overTime.js';
import { joinTime, sliceTime } from '../recurrence/stretch.js';
import { concat } from '../tensor/ops/index.js';
import { keep, scope, shareTree } from '../tensor/scope.js';
import { disposeTree, treeFill, treeLeaves, treeLeavesLike } from '../tensor/tree.js';

/** Steps `from … to` of those given, in a stretch whose first step is step `begin`. */
interface Part<S> {
  readonly from: number;
  readonly to: number;
  readonly begin: number;
  readonly stretch: S;
}

/** Parts shorter than this are joined as they come, two of like length at a time: a tensor for every single step costs more than its numbers. */
const shortSteps = 256;

/** Steps of a sequence as they were given, in parts. What is pushed is not copied, but where it is very short or asked for as one. */
export class PendingSteps<S> {
  #parts: Part<S>[] = [];

  /** How many there are. */
  get time(): number {
    return (this.#parts.at(-1)?.to ?? 0) - this.#begin;
  }

  /** Whether they are in several parts, so that some slices are copies. */
  get isCut(): boolean {
    return this.#parts.length > 1;
  }

  /** Adds a stretch, which is borrowed. @throws ArgumentError, ShapeError, DTypeError where it does not go with those before. */
  add(stretch: S): void {
    const steps = timeOf(stretch);
    const last = this.#parts.at(-1);
    if (last !== undefined) requireAlike(last.stretch, stretch);
    const from = last?.to ?? 0;
    this.#parts.push({ from, to: from + steps, begin: from, stretch: shareTree(stretch) });
    this.#joinShort();
  }

  /** The next `steps` of them as one stretch, owned by the caller. */
  take(steps: number): S {
    const taken = this.takeParts(steps);
    try {
      return taken.slice(0, steps);
    } finally {
      taken.dispose();
    }
  }

  /** The next `steps` of them in their parts, owned by the caller. */
  takeParts(steps: number): PendingSteps<S> {
    const taken = new PendingSteps<S>();
    const cut = this.#begin + steps;
    const index = this.#parts.findIndex(({ to }) => to > cut);
    taken.#parts = this.#parts.splice(0, index === -1 ? this.#parts.length : index);
    const split = this.#parts[0];
    if (split === undefined || split.from === cut) return taken;
    taken.#parts.push({ ...split, to: cut, stretch: shareTree(split.stretch) });
    this.#parts[0] = { ...split, from: cut };
    return taken;
  }

  /** Steps `from … to`, counted from the first of them, as one stretch, owned by the caller, outside every scope. */
  slice(from: number, to: number): S {
    const [first, last] = [this.#begin + from, this.#begin + to];
    return scope(() => {
      const found: S[] = [];
      for (let index = this.#partWith(first); (this.#parts[index]?.from ?? last) < last; index++) {
        const part = this.#parts[index] as Part<S>;
        found.push(
          sliceTime(part.stretch, Math.max(first, part.from) - part.begin, Math.min(last, part.to) - part.begin),
        );
      }
      return keep(joined(found));
    });
  }

  /** All of them as one stretch, owned by the caller; null for none. */
  share(): S | null {
    if (this.#parts.length === 0) return null;
    this.#joinFrom(0);
    return shareTree((this.#parts[0] as Part<S>).stretch);
  }

  dispose(): void {
    for (const { stretch } of this.#parts) disposeTree(stretch);
    this.#parts = [];
  }

  get #begin(): number {
    return this.#parts[0]?.from ?? 0;
  }

  /** Joins short parts as a binary counter does: each step is copied no more than log₂ of `shortSteps` times. */
  #joinShort(): void {
    let first = this.#parts.length - 1;
    let steps = stepsOf(this.#parts[first]);
    while (first > 0 && steps < shortSteps && stepsOf(this.#parts[first - 1]) <= steps) {
      first--;
      steps += stepsOf(this.#parts[first]);
    }
    if (first < this.#parts.length - 1) this.#joinFrom(first);
  }

  /** Makes one part, which begins with its stretch, of all from that index on. */
  #joinFrom(index: number): void {
    const parts = this.#parts.slice(index);
    const { from, begin, stretch: first } = parts[0] as Part<S>;
    const { to } = parts.at(-1) as Part<S>;
    if (parts.length === 1 && from === begin && timeOf(first) === to - from) return;
    const stretch = this.slice(from - this.#begin, to - this.#begin);
    this.#parts.splice(index, parts.length, { from, to, begin: from, stretch });
    for (const part of parts) disposeTree(part.stretch);
  }

  /** The index of the part that has that step. */
  #partWith(step: number): number {
    let [low, high] = [0, this.#parts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#parts[middle] as Part<S>).to <= step) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function stepsOf(part: Part<unknown> | undefined): number {
  return part === undefined ? 0 : part.to - part.from;
}

/** Stretches one after another, as one. */
function joined<S>(stretches: readonly S[]): S {
  const [first, ...others] = stretches as [S, ...S[]];
  if (others.length === 0) return first;
  const aligned = others.map((other) => treeLeavesLike(first, other));
  const leaves = treeLeaves(first);
  return treeFill(
    first,
    leaves.map((leaf, index) => concat([leaf, ...aligned.map((other) => other[index] as typeof leaf)])),
  );
}

/** Whether two stretches join is seen by their shapes; where it is not so, joining them says what does not fit. */
function requireAlike<S>(before: S, after: S): void {
  const one = treeLeaves(before);
  const other = treeLeavesLike(before, after);
  const alike = one.every((leaf, index) => {
    const { shape, dtype, backend } = other[index] as typeof leaf;
    return dtype === leaf.dtype && backend === leaf.backend && sameShape(shape.slice(1), leaf.shape.slice(1));
  });
  if (!alike) scope(() => joinTime(before, after));
}
