import {
  add,
  fromArray,
  grad,
  mul,
  scan,
  scanSteps,
  sum,
  treeLeaves,
  withBackend,
  type Cell,
  type ScanOptions,
  type Tensor,
} from '@tempograd/core';
import { isFloat, type FloatDType } from '@tempograd/core/backend';
import { tolerances } from '../check/tolerances.js';
import { compare, readFrom, type Numbers } from './trees.js';

/** Which ways a cell was tried. */
export interface CellReport {
  readonly tried: readonly string[];
}

/**
 * Tries whether the fast way of a cell, its `segment` or what a backend makes of its step, gives what `step` gives when it is
 * repeated: outputs, last carry and gradients, in both directions, with masks that have holes, and with masks of nothing. The carry is
 * `[batch, …]`, inputs are `[time, batch, …]`, 2 steps or more; all arguments are borrowed.
 * @throws TaskError naming what differs and where; whatever the cell throws.
 */
export async function checkCell<P, C, X, Y>(
  cell: Cell<P, C, X, Y>,
  params: P,
  carry: C,
  inputs: X,
): Promise<CellReport> {
  const [first] = treeLeaves(inputs) as [Tensor, ...Tensor[]];
  const [time = 0, batch = 0] = first.shape;
  const dtype = (treeLeaves([params, carry]).find((leaf) => isFloat(leaf.dtype))?.dtype ?? 'f32') as FloatDType;
  const bounds = tolerances[dtype].strategy;
  const masks: Readonly<Record<string, ((index: number) => number) | null>> = {
    'no mask': null,
    'a mask with holes': (index) => Number((index * 7) % 3 !== 0),
    'a mask of nothing': () => 0,
  };
  const tried: string[] = [];
  for (const [title, fill] of Object.entries(masks)) {
    for (const reverse of [false, true]) {
      const what = `${title}${reverse ? ', reverse' : ''}`;
      const ways = [scan, scanSteps].map((way) => ({
        value: (options: ScanOptions) => way(cell, params, carry, inputs, options),
        gradient: (options: ScanOptions) =>
          grad((given: { params: P; carry: C }) => {
            const result = way(cell, given.params, given.carry, inputs, options);
            return weighted([result.carry, result.output]);
          })({ params, carry }),
      }));
      const answers = ways.flatMap((way) =>
        [way.value, way.gradient].map((ask): Promise<Numbers> =>
          readFrom(() => {
            const marks = fill && Int32Array.from({ length: time * batch }, (_, index) => fill(index));
            const mask = marks && fromArray(marks, [time, batch], { dtype: 'i32', backend: first.backend });
            return withBackend(first.backend, () => ask({ reverse, mask }));
          }),
        ),
      );
      const [value, gradient, wanted, wantedGradient] = (await Promise.all(answers)) as [
        Numbers,
        Numbers,
        Numbers,
        Numbers,
      ];
      compare('segment equals step', what, value, wanted, bounds.value.bound);
      compare('segment equals step', `${what}, the gradient`, gradient, wantedGradient, bounds.gradient.bound);
      tried.push(what);
    }
  }
  return { tried };
}

/** All elements, weighed so that none stands for another. */
function weighted(tree: unknown): Tensor {
  const terms = treeLeaves(tree)
    .filter(({ dtype }) => isFloat(dtype))
    .map((leaf) => {
      const weights = Float64Array.from({ length: leaf.size }, (_, index) => Math.sin(index + 1));
      return sum(mul(leaf, fromArray(weights, leaf.shape, { dtype: leaf.dtype, backend: leaf.backend })));
    });
  return terms.reduce((total, term) => add(total, term));
}
