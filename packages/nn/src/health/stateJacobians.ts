import {
  concat,
  disposeTree,
  jacobian,
  keep,
  reshape,
  scope,
  sliceAxis,
  stack,
  timeOf,
  treeLeaves,
  treeMap,
  type Key,
  type SequenceTask,
  type Tensor,
} from '@tempograd/core';
import { isFloat } from '@tempograd/core/backend';

/** A task along the first row of a stretch, as a map of its carry. */
export interface StateMap<C> {
  readonly steps: number;
  /** The carry before the first step. Belongs to the caller's scope. */
  start(): C;
  /** The carry after step t. Belongs to the caller's scope. */
  step(carry: C, t: number): C;
}

/** The first row of a stretch, from the task's initial carry on; all that is given is borrowed as long as the map is used. */
export function firstRow<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: P,
  stretch: S,
  key: Key | null,
): StateMap<C> {
  const at = (t: number): S =>
    treeMap(stretch, (leaf) => {
      const step = sliceAxis(leaf, t, t + 1);
      return leaf.rank < 2 ? step : sliceAxis(step, 0, 1, 1);
    });
  const start = (): C => scope(() => task.initialCarry(params, at(0)));
  const step = (carry: C, t: number): C => scope(() => task.forward(params, carry, at(t), { from: t, key }).carry);
  return { steps: timeOf(stretch), ...withoutPooling(start, step) };
}

/** A pooling only reads: what it has gathered, a mean of all steps say, is no state that gradients would fade in. */
function withoutPooling<C>(start: () => C, step: (carry: C, t: number) => C): Pick<StateMap<C>, 'start' | 'step'> {
  const part = (carry: C): C => ('rnn' in (carry as object) ? (carry as { readonly rnn: C }).rnn : carry);
  return {
    start: () => part(start()),
    step: (carry, t) =>
      scope(() => {
        const whole = start();
        return part(whole) === whole ? step(carry, t) : part(step({ ...whole, rnn: carry }, t));
      }),
  };
}

/**
 * `D_t = ∂h_t/∂h_{t−1}` of each layer by itself, at some steps: a list by layer of `[steps, n, n]`, n being the numbers of all leaves of a row's carry in that
 * layer. A carry is stacked of `layers` layers where that is the length of the first axis of all its leaves, `[layers, rows, …]`; else it is one layer.
 * Kept outside every scope.
 */
export function stateJacobians<C>({ start, step }: StateMap<C>, steps: readonly number[], layers: number): Tensor[] {
  const last = Math.max(...steps);
  const found: Tensor[][] = [];
  try {
    scope(() => {
      let carry = start();
      for (let t = 0; t <= last; t++) {
        const next = scope(() => {
          if (steps.includes(t))
            blocksOf(carry, step, t, layers).forEach((block, layer) => (found[layer] ??= []).push(keep(block)));
          return step(carry, t);
        });
        disposeTree(carry);
        carry = next;
      }
    });
    return scope(() => keep(found.map((blocks) => stack(blocks))));
  } finally {
    disposeTree(found);
  }
}

/** The Jacobian of one step, the part of each layer on its diagonal. */
function blocksOf<C>(carry: C, step: (carry: C, t: number) => C, t: number, layers: number): Tensor[] {
  const floats = treeLeaves(carry).filter(({ dtype }) => isFloat(dtype));
  const stacked = layers > 1 && floats.every(({ rank, shape }) => rank >= 3 && shape[0] === layers);
  const rows = jacobian((before: C) => treeLeaves(step(before, t)).filter(({ dtype }) => isFloat(dtype)))(carry);
  const parts = stacked ? layers : 1;
  return Array.from({ length: parts }, (_, layer) =>
    concat(
      rows.map((row, after) =>
        concat(
          treeLeaves(row)
            .filter((_block, index) => isFloat((treeLeaves(carry)[index] as Tensor).dtype))
            .map((block, before) => {
              const [m, n] = [floats[after], floats[before]].map((leaf) => (leaf as Tensor).size) as [number, number];
              const whole = reshape(block, [m, n]);
              const [a, b] = [m / parts, n / parts];
              return sliceAxis(sliceAxis(whole, layer * a, (layer + 1) * a, 0), layer * b, (layer + 1) * b, 1);
            }),
          1,
        ),
      ),
    ),
  );
}
