/** Where a text that comes in pieces is to end: before one of some texts, or where a function says so. */
export type StopCondition = string | readonly string[] | ((text: string) => boolean);

/** Passes a text on in pieces up to where it stops; holds back what may be the beginning of a text to stop at. */
export class StopText {
  readonly #texts: readonly string[];
  readonly #says: (text: string) => boolean;
  #held = '';
  #whole = '';
  /** Whether nothing more is to come. */
  stopped = false;

  constructor(stop: StopCondition) {
    this.#texts = typeof stop === 'function' ? [] : [stop].flat();
    this.#says = typeof stop === 'function' ? stop : () => false;
  }

  /** What is certain to be part of the text with this piece. */
  push(piece: string): string {
    if (this.#texts.length === 0) {
      this.#whole += piece;
      this.stopped = this.#says(this.#whole);
      return piece;
    }
    const text = this.#held + piece;
    const ends = this.#texts.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    if (ends.length > 0) {
      this.stopped = true;
      this.#held = '';
      return text.slice(0, Math.min(...ends));
    }
    const longest = Math.max(...this.#texts.map((stop) => beginningAtEnd(text, stop)));
    this.#held = text.slice(text.length - longest);
    return text.slice(0, text.length - longest);
  }

  /** What was held back, where the text is over. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }
}

/** How many characters at a text's end are the beginning of another. */
function beginningAtEnd(text: string, stop: string): number {
  for (let count = Math.min(text.length, stop.length - 1); count > 0; count--)
    if (text.endsWith(stop.slice(0, count))) return count;
  return 0;
}
