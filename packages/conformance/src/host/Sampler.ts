import { foldInName, key } from '@tempograd/core';
import { sizeOf, type Shape } from '@tempograd/core/backend';
import { build, type HostArray } from './HostArray.js';

/** Where sampled floats lie. */
export interface Range {
  readonly low?: number;
  readonly high?: number;
  /** Both signs of [low, high], so that kinks at 0 are kept at a distance; default is false. */
  readonly signed?: boolean;
}

/** Draws a case's numbers: the same for the same seed and case name, whatever else runs, and exact in f32. */
export class Sampler {
  #state: number;

  constructor(seed: number, name: string) {
    this.#state = foldInName(key(seed), name)[0];
  }

  /** A number in [0, 1), a multiple of 2⁻²⁴: Weyl's sequence, mixed. Much cheaper than core's random numbers, and enough for cases. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let word = Math.imul(this.#state ^ (this.#state >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return ((word ^ (word >>> 16)) >>> 8) / 2 ** 24;
  }

  /** A whole number in [low, high). */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low));
  }

  floats(shape: Shape, { low = -1, high = 1, signed = false }: Range = {}): HostArray {
    const draws = this.#draws(shape);
    const signs = signed ? this.#draws(shape) : null;
    return build(shape, (index) => {
      const value = low + (high - low) * (draws[index] as number);
      return Math.fround(signs !== null && (signs[index] as number) < 0.5 ? -value : value);
    });
  }

  /** Whole numbers in [low, high). */
  integers(shape: Shape, low: number, high: number): HostArray {
    const draws = this.#draws(shape);
    return build(shape, (index) => low + Math.floor((draws[index] as number) * (high - low)), 'i32');
  }

  /** +1 or −1 each: a direction that weighs all coordinates alike. */
  signs(shape: Shape): HostArray {
    const draws = this.#draws(shape);
    return build(shape, (index) => ((draws[index] as number) < 0.5 ? -1 : 1));
  }

  /** The whole numbers of [0, count) in some order. */
  permutation(count: number): number[] {
    const draws = this.#draws([count]);
    return Array.from({ length: count }, (_, index) => index).sort(
      (a, b) => (draws[a] as number) - (draws[b] as number),
    );
  }

  #draws(shape: Shape): Float64Array {
    const draws = new Float64Array(sizeOf(shape));
    for (let index = 0; index < draws.length; index++) draws[index] = this.next();
    return draws;
  }
}
