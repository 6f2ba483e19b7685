import { bytesPerElement } from '../backend/dtype.js';
import type { Key } from '../random/index.js';
import { unobserved } from '../recurrence/observeSegments.js';
import type { SequenceTask } from '../recurrence/SequenceTask.js';
import { onesLike, zerosLike } from '../tensor/ops/index.js';
import { keep, scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { disposeTree, treeLeaves, treeMap } from '../tensor/tree.js';
import { Piece } from './Piece.js';
import type { StateSizes } from './planPass.js';
import { runForward } from './runForward.js';

type Backend = Tensor['backend'];

/** A stretch to measure by, borrowed. */
export interface MeasuredStretch<P, C, S> {
  readonly params: P;
  readonly carry: C | null;
  /** Its steps, owned by the caller, outside every scope: where they are copies, they are part of what a segment takes. */
  stretch(): S;
  /** Whether steps that lie across two parts of what was pushed are copied together. */
  readonly isCut: boolean;
  readonly from: number;
  readonly key: Key | null;
}

/** What holds beside bytes that were counted: sums of losses. */
const scalars = 64;

/**
 * Bytes that states of a stretch take on its backend: it is run forward without and with a way back, and pulled back, and the
 * memory is looked at in between. Depends on shapes alone, so that it is the same when a run is repeated or goes on elsewhere.
 */
function measureStates<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  backend: Backend,
  { params, carry, stretch: slice, isCut, from, key }: MeasuredStretch<P, C, S>,
): StateSizes {
  const held: unknown[] = [];
  const live = (): number => backend.memory().bytes;
  /** Bytes that `fn` had live at most, beyond what was there, and those that are left. */
  const cost = <T>(fn: () => T): { most: number; left: number; value: T } => {
    backend.resetPeak();
    const before = live();
    const value = fn();
    held.push(value);
    return { most: backend.memory().peakBytes - before, left: live() - before, value };
  };
  let piece: Piece<P, C, S, O> | null = null;
  try {
    const steps = cost(slice);
    const stretch = steps.value;
    const copied = Math.max(steps.left, isCut ? bytesOf(stretch) : 0);
    const recorded = new Piece(task, key, from, stretch, carry);
    piece = recorded;
    const forward = cost(() => runForward(task, { params, carry, stretch, from, key }));
    const hidden = forward.left;
    const recording = cost(() => recorded.run(params, 'all', true));
    const soFar = cost(() => scope(() => keep(treeMap(params, zerosLike))));
    const loss = onesLike(recorded.loss as Tensor);
    held.push(loss);
    const pull = cost(() => scope(() => keep(recorded.pull(loss, recording.value, soFar.value))));
    const internal = copied + recording.left + hidden;
    const beside = soFar.left + 4 * hidden + scalars;
    const most = Math.max(pull.most, recording.most - recording.left, copied + forward.most - internal);
    return { hidden, internal, work: beside + most, gradient: soFar.left };
  } finally {
    piece?.dispose();
    disposeTree(held);
  }
}

/** Sizes that were measured, by backend, task and shapes. */
export class KnownSizes {
  readonly #known = new WeakMap<Backend, WeakMap<object, Map<string, StateSizes>>>();

  /** The sizes for such a stretch. They are measured where they are not known. */
  of<P, C, S, O>(
    task: SequenceTask<P, C, S, O>,
    backend: Backend,
    given: MeasuredStretch<P, C, S>,
  ): { sizes: StateSizes; isNew: boolean } {
    const tasks = this.#known.get(backend) ?? new WeakMap<object, Map<string, StateSizes>>();
    const known = tasks.get(task) ?? new Map<string, StateSizes>();
    this.#known.set(backend, tasks.set(task, known));
    const { params, carry, key } = given;
    const stretch = given.stretch();
    const shapes = [params, carry, stretch].map((tree) => treeLeaves(tree).map(({ dtype, shape }) => [dtype, shape]));
    disposeTree(stretch);
    const signature = JSON.stringify([shapes, key === null, given.isCut]);
    const before = known.get(signature);
    if (before !== undefined) return { sizes: before, isNew: false };
    const sizes = unobserved(() => measureStates(task, backend, given));
    known.set(signature, sizes);
    return { sizes, isNew: true };
  }
}

function bytesOf(tree: unknown): number {
  return treeLeaves(tree).reduce((sum, { size, dtype }) => sum + size * bytesPerElement(dtype), 0);
}
