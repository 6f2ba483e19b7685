import type { RecurrentCell } from '../backend/index.js';
import { withoutRecording } from '../tensor/applyFused.js';
import { refuseAsync } from '../tensor/refuseAsync.js';
import { ArrayTensor, type Tensor } from '../tensor/Tensor.js';
import { treeEntries } from '../tensor/tree.js';

/** A segment of a standard cell as its backward pass has it, shapes as at `RecurrentArgs`. All tensors are borrowed. */
export interface SegmentSeen {
  readonly cell: RecurrentCell;
  readonly reverse: boolean;
  readonly input: Tensor;
  /** Before the segment's first step run: h, or h and c. */
  readonly carry: readonly Tensor[];
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh: Tensor | null;
  readonly biasHh: Tensor | null;
  readonly mask: Tensor | null;
  /** `[time, batch, hidden]`, 0 at masked steps. */
  readonly output: Tensor;
  /** `δ_t = dL/dh_t`, `[time, batch, hidden]`. */
  readonly delta: Tensor;
  /** Where `weightHh` stands in the tree that was given to `observeSegments`; null where it is none of its tensors. */
  readonly path: string | null;
}

interface Observer {
  readonly names: ReadonlyMap<object, string>;
  observe(segment: SegmentSeen): void;
}

let observers: Observer[] = [];

/** Whether anybody wants to see the cotangents of states. */
export function segmentsAreObserved(): boolean {
  return observers.length > 0;
}

/** Tells observers of a segment that was pulled back; its tensors belong to the scope that this is called in. */
export function reportSegment(segment: Omit<SegmentSeen, 'path'>): void {
  const { weightHh } = segment;
  const storage = weightHh instanceof ArrayTensor ? weightHh.storage : null;
  for (const { names, observe } of observers) {
    observe({ ...segment, path: (storage && names.get(storage)) ?? null });
  }
}

/** Runs `fn` unseen by observers of segments and of paths: a measurement on the side is no part of the backward pass that they look at. */
export function unobserved<R>(fn: () => R): R {
  const present = observers;
  observers = [];
  try {
    return withoutRecording(fn);
  } finally {
    observers = present;
  }
}

/**
 * Runs `fn` and shows `observe` every recurrent segment that is pulled back in it, in the order of the backward pass, so the last
 * segment and layer first: what it was given and gave, and `δ_t = dL/dh_t`, all that the loss says of the state after step t. What
 * `observe` computes belongs to the backward pass, unless it is kept with `keep`. With a tree `params` each segment says which
 * of its tensors its recurrent weight is. Segments that were composed are not seen; `recordPaths` tells which. Gradients are what
 * they are without it.
 * @throws ArgumentError when `fn` is async; what `observe` throws.
 */
export function observeSegments<R>(fn: () => R, observe: (segment: SegmentSeen) => void, params: unknown = null): R {
  const entries = treeEntries(params).flatMap(([path, leaf]): [object, string][] =>
    leaf instanceof ArrayTensor ? [[leaf.storage, path]] : [],
  );
  const observer = { names: new Map(entries), observe };
  observers.push(observer);
  try {
    const result = fn();
    refuseAsync(
      'observeSegments',
      result,
      'Do the awaiting outside: what is pulled back after its first await would not be seen.',
    );
    return result;
  } finally {
    observers.splice(observers.indexOf(observer), 1);
  }
}
