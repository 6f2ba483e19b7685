import {
  concat,
  disposeTree,
  keep,
  mul,
  norm,
  observeSegments,
  onesLike,
  sliceAxis,
  timeOf,
  treeLeaves,
  treeMap,
  treeZip,
  vjp,
  type SequenceTask,
  type Tensor,
} from '@tempograd/core';
import { layerName } from '../../health/layersOf.js';
import type { Sighting } from './Sighting.js';
import type { HealthSample } from './TrainingHealthOptions.js';

/** What a sample of an update tells; tensors of the caller's scope. */
export interface SampleLook {
  /** Of each layer that is seen, by its name, what the loss of the last step says of its state, `[time]`. */
  readonly byTime: readonly { readonly name: string; readonly norms: Tensor }[];
  /** The summed loss, a scalar. */
  readonly loss: Tensor;
  /** The same where outputs are given to other rows, and to other steps, than they are of; scalars. */
  readonly astray: readonly Tensor[];
}

/** A task that can take rows of a carry. */
interface TakesRows<C> {
  takeRows?(carry: C, rows: readonly number[]): C;
}

/** Rows that go back: norms need no more, and what goes back costs most. */
const rowsBack = 2;

/** Runs the last steps of an update once more, some of their rows where the task can take them, with nothing random. Parameters are borrowed. */
export function sampleLook<P, C, S, O>(
  task: SequenceTask<P, C, S, O> & TakesRows<C>,
  params: P,
  sighting: Sighting<C, S>,
  size: Required<HealthSample>,
): SampleLook {
  const { from, steps, carry, stretch } = partOf(task, params, sighting, size);
  const { output } = task.forward(params, carry, stretch, { from, key: null });
  const lossOf = (outputs: O): Tensor => task.loss(params, outputs, stretch, { from, key: null });
  const back = { ...size, rows: Math.min(rowsBack, size.rows) };
  return {
    byTime: task.causal === false || steps < 2 ? [] : lastLoss(task, params, partOf(task, params, sighting, back)),
    loss: lossOf(output),
    astray: [1, 0].flatMap((axis) => (lengthOf(output, axis) < 2 ? [] : [lossOf(rolled(output, axis))])),
  };
}

/** The last steps of an update, and the carry before them. */
interface Part<C, S> {
  readonly stretch: S;
  readonly carry: C;
  readonly from: number;
  readonly steps: number;
}

function partOf<P, C, S, O>(
  task: SequenceTask<P, C, S, O> & TakesRows<C>,
  params: P,
  sighting: Sighting<C, S>,
  size: Required<HealthSample>,
): Part<C, S> {
  const whole = rowsOf(task, sighting, size.rows);
  const time = timeOf(whole.stretch);
  const skipped = task.causal === false ? 0 : Math.max(0, time - size.steps);
  let carry = whole.carry ?? task.initialCarry(params, whole.stretch);
  if (skipped > 0) {
    const before = slice(whole.stretch, 0, skipped);
    ({ carry } = task.forward(params, carry, before, { from: sighting.from, key: null }));
  }
  const stretch = skipped === 0 ? whole.stretch : slice(whole.stretch, skipped, time);
  return { stretch, carry, from: sighting.from + skipped, steps: time - skipped };
}

/** What the loss of the last step says of the states. */
function lastLoss<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: P,
  { stretch, carry, from, steps }: Part<C, S>,
): SampleLook['byTime'] {
  const last = slice(stretch, steps - 1, steps);
  const { value, pullback } = vjp((start: C) => {
    const { output } = task.forward(params, start, stretch, { from, key: null });
    return task.loss(params, slice(output, steps - 1, steps), last, { from: from + steps - 1, key: null });
  }, carry);
  const seen: { name: string; norms: Tensor }[] = [];
  try {
    observeSegments(
      () => pullback(onesLike(value)),
      ({ delta, path }) => {
        const name = path === null ? `layer ${seen.length}` : layerName(path);
        seen.push({ name, norms: keep(norm(delta, { axes: [1, 2] })) });
      },
      params,
    );
    return seen.map(({ name, norms }) => ({ name, norms: mul(norms, 1) }));
  } finally {
    disposeTree(seen.map(({ norms }) => norms));
    pullback.dispose();
  }
}

/** The stretches of an update as one, and the carry before it: the first rows of both where the task can take them. */
function rowsOf<C, S>(
  task: TakesRows<C>,
  { stretches, carry }: Sighting<C, S>,
  rows: number,
): { readonly stretch: S; readonly carry: C | null } {
  const stretch = stretches.reduce((first, second) => treeZip(first, second, (a, b) => concat([a, b])));
  const batch = lengthOf(stretch, 1);
  if (task.takeRows === undefined || batch <= rows) return { stretch, carry };
  const part = treeMap(stretch, (leaf) => (leaf.rank < 2 ? leaf : sliceAxis(leaf, 0, rows, 1)));
  const numbers = Array.from({ length: rows }, (_, row) => row);
  return { stretch: part, carry: carry === null ? null : task.takeRows(carry, numbers) };
}

function slice<T>(tree: T, from: number, to: number): T {
  return treeMap(tree, (leaf) => sliceAxis(leaf, from, to));
}

/** Length of an axis, of the first tensor that has it; 1 where none has. */
function lengthOf(tree: unknown, axis: number): number {
  return treeLeaves(tree).find(({ rank }) => rank > Math.max(1, axis))?.shape[axis] ?? 1;
}

/** Each place along an axis given what stood half of it before: of another row, or of another step. */
function rolled<T>(tree: T, axis: number): T {
  return treeMap(tree, (leaf) => {
    const length = leaf.shape[axis];
    if (length === undefined || length < 2) return leaf;
    const by = length >> 1;
    return concat([sliceAxis(leaf, length - by, length, axis), sliceAxis(leaf, 0, length - by, axis)], axis);
  });
}
