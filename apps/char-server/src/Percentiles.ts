/** Buckets of 2 % each, from a microsecond to 17 minutes. */
const growth = Math.log(1.02);
const least = 1e-3;
const buckets = 1050;

/** Percentiles of any number of durations in constant memory, each within 1 %. */
export class Percentiles {
  readonly #counts = new Uint32Array(buckets);
  /** How many durations there were. */
  count = 0;

  /** Counts a duration, in milliseconds. */
  add(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(ms, least) / least) / growth);
    const index = Math.min(bucket, buckets - 1);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.count++;
  }

  /** The duration that a share of all did not exceed; NaN of none. */
  at(share: number): number {
    let left = Math.max(1, Math.ceil(share * this.count));
    if (this.count === 0) return NaN;
    for (let bucket = 0; bucket < buckets; bucket++) {
      left -= this.#counts[bucket] as number;
      if (left <= 0) return least * Math.exp(growth * (bucket - 0.5));
    }
    return Infinity;
  }

  /** As `3.1 / 4.5 / 9.8 ms`: of half, of 95 % and of 99 %. */
  toString(): string {
    const figure = (ms: number): string => (ms < 10 ? ms.toFixed(1) : ms.toFixed(0));
    return this.count === 0 ? '–' : `${[0.5, 0.95, 0.99].map((share) => figure(this.at(share))).join(' / ')} ms`;
  }
}
