/** Bytes from one dispatch's parameters to the next one's: what every device can bind at. */
export const slotBytes = 256;
const slotWords = slotBytes / 4;

/** The parameters of all dispatches of one command buffer, which go to the device in one piece before it runs. */
export class Params {
  readonly slots: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array;
  readonly #floats: Float32Array;
  #slot = -1;
  #word = 0;

  constructor(slots: number) {
    this.slots = slots;
    const buffer = new ArrayBuffer(slots * slotBytes);
    this.bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#floats = new Float32Array(buffer);
  }

  /** Slots in use. */
  get used(): number {
    return this.#slot + 1;
  }

  /** Byte at which the newest slot begins. */
  get offset(): number {
    return this.#slot * slotBytes;
  }

  clear(): void {
    this.#slot = -1;
  }

  /** Begins the parameters of the next dispatch. */
  next(): this {
    this.#slot++;
    this.#word = this.#slot * slotWords;
    return this;
  }

  /** Appends integers; negative ones as two's complement. */
  ints(...values: readonly number[]): this {
    for (const value of values) this.#words[this.#word++] = value;
    return this;
  }

  /** Appends a list of integers. */
  list(values: readonly number[]): this {
    for (let i = 0; i < values.length; i++) this.#words[this.#word++] = values[i] as number;
    return this;
  }

  /** Appends floats. */
  floats(...values: readonly number[]): this {
    for (const value of values) this.#floats[this.#word++] = value;
    return this;
  }

  /** Goes on at the next multiple of four words, where a `vec4` or an array of them begins. */
  align(): this {
    this.#word = Math.ceil(this.#word / 4) * 4;
    return this;
  }
}
