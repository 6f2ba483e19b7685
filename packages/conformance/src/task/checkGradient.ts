import { fromArray, treeLeaves, treeMap } from '@tempograd/core';
import { isFloat, type TypedArray } from '@tempograd/core/backend';
import { Sampler } from '../host/Sampler.js';
import { TaskError } from './TaskError.js';
import type { Trial } from './Trial.js';

/** Steps of the differences: smaller ones where a kink lies between, larger ones where rounding is seen. */
const steps = { f32: [2 ** -5, 2 ** -7, 2 ** -3], f64: [2 ** -12, 2 ** -15, 2 ** -9] } as const;

/** How many directions are tried. */
const directions = 3;

/** The gradient of the loss along random directions against central differences, with Richardson's extrapolation. */
export async function checkGradient<P, C, S, O>(trial: Trial<P, C, S, O>): Promise<void> {
  const gradient = (await trial.gradient()).flatMap(({ x }) => [...x.values]);
  const leaves = await Promise.all(treeLeaves(trial.params).map(async (leaf) => ({ leaf, values: await leaf.read() })));
  const sample = new Sampler(1, 'checkTask');
  for (let count = 0; count < directions; count++) {
    const direction = gradient.map(() => sample.next() * 2 - 1);
    const slope = gradient.reduce((sum, g, index) => sum + g * (direction[index] as number), 0);
    const lossAt = async (distance: number): Promise<number> => {
      const [loss] = await trial.read(() => trial.total(moved(trial.params, leaves, direction, distance)));
      return loss?.x.values[0] as number;
    };
    const quotients: number[] = [];
    const size = Math.max(Math.abs(slope), Math.hypot(...gradient), 0.01);
    for (const h of steps[trial.dtype]) {
      const [one, two] = [(await lossAt(h)) - (await lossAt(-h)), (await lossAt(2 * h)) - (await lossAt(-2 * h))];
      quotients.push((8 * one - two) / (12 * h));
      if (Math.abs((quotients.at(-1) as number) - slope) <= trial.bounds.differences * size) break;
    }
    if (Math.abs((quotients.at(-1) as number) - slope) <= trial.bounds.differences * size) continue;
    throw new TaskError(
      'the gradient is the derivative',
      `along a random direction of the parameters the gradient says ${slope}, differences of the loss say ${quotients.join(', ')}`,
    );
  }
}

/** Parameters a distance away along a direction, whose numbers are those of all leaves end to end. */
function moved<P>(
  params: P,
  leaves: readonly { readonly values: TypedArray }[],
  direction: readonly number[],
  distance: number,
): P {
  let [next, offset] = [0, 0];
  return treeMap(params, (leaf) => {
    const { values } = leaves[next++] as (typeof leaves)[number];
    const from = offset;
    offset += leaf.size;
    if (!isFloat(leaf.dtype)) return leaf;
    const other = values.map((value, index) => value + distance * (direction[from + index] as number));
    return fromArray(other, leaf.shape, { dtype: leaf.dtype, backend: leaf.backend });
  });
}
