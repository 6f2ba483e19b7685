import {
  keep,
  norm,
  observeSegments,
  onesLike,
  scope,
  sliceAxis,
  timeOf,
  treeMap,
  vjp,
  type Key,
  type SequenceTask,
  type Tensor,
} from '@tempograd/core';
import { layerName } from './layersOf.js';

/**
 * What the loss of the last step says of the states of each layer that is seen, `‖∂ℓ/∂h_t‖` by time, `[time]`, by the layer's name: one
 * forward and one backward pass in whole kernels. Kept outside every scope.
 */
export function lastLossByTime<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: P,
  stretch: S,
  { carry, key }: { readonly carry: C | null; readonly key: Key | null },
): Map<string, Tensor> {
  const time = timeOf(stretch);
  const found = new Map<string, Tensor>();
  const last = <T>(tree: T): T => treeMap(tree, (leaf) => sliceAxis(leaf, time - 1, time));
  try {
    scope(() => {
      const { value, pullback } = vjp(
        (start: C) => {
          const { output } = task.forward(params, start, stretch, { from: 0, key });
          return task.loss(params, last(output), last(stretch), { from: time - 1, key });
        },
        carry ?? task.initialCarry(params, stretch),
      );
      try {
        observeSegments(
          () => pullback(onesLike(value)),
          ({ delta, path }) => {
            const name = path === null ? null : layerName(path);
            if (name !== null && !found.has(name)) found.set(name, keep(norm(delta, { axes: [1, 2] })));
          },
          params,
        );
      } finally {
        pullback.dispose();
      }
    });
    return found;
  } catch (error) {
    for (const tensor of found.values()) tensor.dispose();
    throw error;
  }
}
