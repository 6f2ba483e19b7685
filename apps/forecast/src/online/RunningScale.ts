/** Mean and deviation of the numbers so far, by Welford's method: what is to come has no part in them. */
export class RunningScale {
  #count = 0;
  #mean = 0;
  #squares = 0;

  add(value: number): void {
    this.#count++;
    const error = value - this.#mean;
    this.#mean += error / this.#count;
    this.#squares += error * (value - this.#mean);
  }

  get deviation(): number {
    const deviation = Math.sqrt(this.#squares / Math.max(1, this.#count - 1));
    return deviation > 0 ? deviation : 1;
  }

  /** A number in deviations. */
  scale(value: number): number {
    return value / this.deviation;
  }
}
