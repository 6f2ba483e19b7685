import type { Random } from '../Random.js';
import type { Block, Wanted } from './KernelCase.js';

/** Lengths where kernels change their ways. */
const edges = [
  15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 4095, 4097,
];
const special = [
  0,
  -0,
  1,
  -1,
  Infinity,
  -Infinity,
  Number.NaN,
  1e-40,
  -1e-40,
  1.1754943508222875e-38,
  3.4028234663852886e38,
  -3e38,
];
const specialI32 = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 65536, 46341];

/** Random sizes, numbers and blocks for a case. */
export class Sample {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  chance(share: number): boolean {
    return this.random.next() < share;
  }

  /** A length from `least` to `most`: mostly few, or near where kernels change their ways. */
  length(most: number, least = 0): number {
    const { random } = this;
    const kind = random.next();
    const near = edges.filter((edge) => edge <= most && edge >= least);
    if (kind < 0.35 && near.length > 0) return random.pick(near);
    return random.whole(least, (kind < 0.85 ? Math.min(most, least + 20) : most) + 1);
  }

  /** In [−scale, scale). */
  number(scale = 1): number {
    return (this.random.next() * 2 - 1) * scale;
  }

  floats(length: number, scale = 1): Float32Array {
    return Float32Array.from({ length }, () => this.number(scale));
  }

  /** Floats of all sizes, with infinities, NaN and numbers too small to be normal among them. */
  anyFloats(length: number): Float32Array {
    return Float32Array.from({ length }, () => {
      const kind = this.random.next();
      if (kind < 0.1) return this.random.pick(special);
      return kind < 0.6 ? this.number(4) : this.number() * 2 ** this.random.whole(-140, 128);
    });
  }

  integers(length: number, least: number, end: number): Int32Array {
    return Int32Array.from({ length }, () => this.random.whole(least, end));
  }

  anyIntegers(length: number): Int32Array {
    return Int32Array.from({ length }, () =>
      this.chance(0.2)
        ? this.random.pick(specialI32)
        : this.random.whole(-(2 ** 31), 2 ** 31) >> this.random.whole(0, 32),
    );
  }

  /** A block that kernels read. */
  input(name: string, data: Block['data']): Block {
    return { name, data, misalign: this.#misalign(), wanted: null };
  }

  /** A block that kernels write; it holds NaN, or what is given, before. */
  output(
    name: string,
    values: ArrayLike<number>,
    within: Wanted['within'] = () => 0,
    data: Block['data'] = poisoned(values.length),
  ): Block {
    return { name, data, misalign: this.#misalign(), wanted: { values, within } };
  }

  /** As `output`, of integers. */
  integerOutput(name: string, values: ArrayLike<number>): Block {
    return this.output(name, values, undefined, new Int32Array(values.length).fill(-1));
  }

  /** A block that kernels write, of which nothing is known but that it is always the same. */
  unknown(name: string, length: number): Block {
    return { name, data: poisoned(length), misalign: this.#misalign(), wanted: 'anything' };
  }

  #misalign(): number {
    return this.chance(0.5) ? 0 : this.random.whole(0, 16);
  }
}

/** NaN with the bits that memory beside blocks holds. */
function poisoned(length: number): Float32Array {
  return new Float32Array(new Uint32Array(length).fill(0xffffffff).buffer);
}
