import { sequences } from '@tempograd/nn';
import type { MemoryTask } from '../MemoryTask.js';
import { drawn } from './drawn.js';

/** Symbols that there are; after them come "nothing" and "now". */
const symbols = 8;
const [nothing, now] = [symbols, symbols + 1];

/**
 * Copy memory: some symbols of eight, `wait` steps the last of which says "now" and the others nothing, then as many steps as there were
 * symbols, in which to say them in their order. At every other step "nothing" is right. Whoever does not look says that, guesses at
 * the end, and loses `length · ln 8 / (wait + 2 · length)` nats a step.
 * Source: Hochreiter & Schmidhuber 1997; with ten symbols, Arjovsky, Shah & Bengio 2016.
 */
export function copyMemoryTask(wait: number, length: number): MemoryTask {
  const steps = wait + 2 * length;
  const silence = (count: number): number[] => new Array<number>(count).fill(nothing);
  return {
    blind: (length * Math.log(symbols)) / steps,
    steps,
    model: { input: { vocabulary: symbols + 2, embedding: symbols + 2 }, outputs: symbols + 1, loss: 'crossEntropy' },
    data(batch, seed) {
      const make = (numbers: Float64Array): { readonly inputs: number[]; readonly targets: number[] } => {
        const shown = Array.from(numbers, (number) => Math.floor(number * symbols));
        return {
          inputs: [...shown, ...silence(wait - 1), now, ...silence(length)],
          targets: [...silence(length + wait), ...shown],
        };
      };
      return sequences(() => drawn(seed, length, make), { batch, classes: symbols + 1 });
    },
  };
}
