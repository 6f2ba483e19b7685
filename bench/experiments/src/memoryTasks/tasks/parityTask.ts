import { sequences } from '@tempograd/nn';
import { drawn } from './drawn.js';
import type { MemoryTask } from '../MemoryTask.js';

/**
 * Parity: bits, −1 or 1, and at each step whether an odd number of them was 1 so far. One bit that is forgotten makes all answers after it
 * guesses, which cost ln 2 nats.
 */
export function parityTask(steps: number): MemoryTask {
  return {
    blind: Math.LN2,
    steps,
    model: { input: { features: 1 }, outputs: 2, loss: 'crossEntropy' },
    data(batch, seed) {
      const make = (numbers: Float64Array): { readonly inputs: number[][]; readonly targets: number[] } => {
        let odd = 0;
        const bits = Array.from(numbers, (number) => (number < 0.5 ? 0 : 1));
        return { inputs: bits.map((bit) => [2 * bit - 1]), targets: bits.map((bit) => (odd ^= bit)) };
      };
      return sequences(() => drawn(seed, steps, make), { batch, classes: 2 });
    },
  };
}
