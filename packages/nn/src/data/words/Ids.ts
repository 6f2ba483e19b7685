/** Numbers of items, as many as come. */
export class Ids {
  #held: Int32Array;
  #length = 0;

  /** With room for so many before more has to be made. */
  constructor(room: number) {
    this.#held = new Int32Array(Math.max(16, room));
  }

  push(id: number): void {
    if (this.#length === this.#held.length) {
      const more = new Int32Array(2 * this.#length);
      more.set(this.#held);
      this.#held = more;
    }
    this.#held[this.#length++] = id;
  }

  /** What has come since it was last taken. */
  take(): Int32Array {
    const taken = this.#held.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }
}
