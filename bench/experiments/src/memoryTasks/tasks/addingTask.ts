import { sequences } from '@tempograd/nn';
import { drawn } from './drawn.js';
import type { MemoryTask } from '../MemoryTask.js';

/**
 * Adding: at every step a number of [0, 1) and a mark, which is 1 at one step of the first half and at one of the second. What the two
 * marked numbers sum up to is asked for at the end. Whoever does not look says 1, and has a squared error of 1/6.
 * Source: Hochreiter & Schmidhuber 1997; in this form Le, Jaitly & Hinton 2015.
 */
export function addingTask(steps: number): MemoryTask {
  const half = steps >> 1;
  return {
    blind: 1 / 6,
    steps,
    model: { input: { features: 2 }, outputs: 1, loss: 'meanSquaredError' },
    data(batch, seed) {
      const make = (numbers: Float64Array): { readonly inputs: number[][]; readonly targets: number } => {
        const [at, then] = [numbers[steps] as number, numbers[steps + 1] as number];
        const first = Math.floor(at * half);
        const second = half + Math.floor(then * (steps - half));
        return {
          inputs: Array.from({ length: steps }, (_, step) => [
            numbers[step] as number,
            Number(step === first || step === second),
          ]),
          targets: (numbers[first] as number) + (numbers[second] as number),
        };
      };
      return sequences(() => drawn(seed, steps + 2, make), { batch, targets: 'numbers' });
    },
  };
}
