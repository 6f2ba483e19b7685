import { tensor, truncatedBptt } from '@tempograd/core';
import { balancingSteps, balancingTask, restingState } from './balancingTask.js';

/** Truncated gradients at rest, by how many steps they go back. */
export interface GradientSigns {
  /** `[backwardSteps, gradient]`, of the loss of a chunk's last step, which is also what a sliding window has. */
  readonly lastLoss: readonly (readonly [number, number])[];
  /** The same of all losses of a chunk, per loss. */
  readonly allLosses: readonly (readonly [number, number])[];
  /** What both come to with a chunk that is long enough: `(s₀ − 1) · ds₀/dθ`. */
  readonly full: number;
}

/**
 * The gradients of chunks of these lengths in a network that rests at θ, so that all steps of all chunks are alike.
 * `onChunk` is told of each.
 */
export function gradientSigns(
  theta: number,
  lengths: readonly number[],
  onChunk: (steps: number) => void,
): GradientSigns {
  const gradients = (lossScope: 'last' | 'interval'): [number, number][] =>
    lengths.map((steps) => {
      onChunk(steps);
      return [steps, chunkGradient(theta, steps, lossScope)];
    });
  const slope = -6;
  return { lastLoss: gradients('last'), allLosses: gradients('interval'), full: (slope * theta - 1) * slope };
}

/** The gradient of one chunk for each loss that is in it. */
function chunkGradient(theta: number, steps: number, lossScope: 'last' | 'interval'): number {
  const params = { theta: tensor(theta, { dtype: 'f64' }) };
  const run = truncatedBptt({ updateEvery: steps, lossScope }).start(balancingTask(), { carry: restingState(theta) });
  const gradients: number[] = [];
  for (const { gradient, lossSteps } of run.push(params, balancingSteps(steps)))
    gradients.push((gradient.theta.readSync()[0] as number) / (lossSteps.to - lossSteps.from));
  run.dispose();
  return gradients[0] as number;
}

/** The fewest steps back from which on the gradient has its true sign; null where none of those measured do. */
export function firstRightSign(gradients: readonly (readonly [number, number])[], full: number): number | null {
  const wrong = gradients.findLastIndex(([, gradient]) => gradient * full <= 0);
  return gradients[wrong + 1]?.[0] ?? null;
}
