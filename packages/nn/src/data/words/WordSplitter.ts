import { itemEnd, longestItem } from './itemEnd.js';
import { spaced, spacingOf, spacings, type Spacing } from './wordSpacing.js';

/** The item that says: no space here, where one would be taken for granted. */
export const noSpace = '';

/**
 * Cuts a text, which may come in pieces cut anywhere, into words, punctuation and what is unusual in the white space between them, and
 * passes each on as soon as it is certain.
 */
export class WordSplitter {
  readonly #emit: (item: string) => void;
  #held = '';
  /** Whether a space was met that may be one that is taken for granted. */
  #space = false;
  #before: Spacing = spacings.none;

  /** Goes on from a place with this `state`; default is the beginning of a text. */
  constructor(emit: (item: string) => void, state: number = 0) {
    this.#emit = emit;
    this.#before = (state & 7) as Spacing;
    this.#space = state > 7;
  }

  /** The end of what was pushed, whose items are not certain yet. */
  get held(): string {
    return this.#held;
  }

  /** What has to be known, beside the text from `held` on, to go on in another splitter. */
  get state(): number {
    return this.#before + (this.#space ? 8 : 0);
  }

  push(piece: string): void {
    const text = this.#held + piece;
    const from = this.#takeUpTo(text, text.length - longestItem);
    this.#held = text.slice(from);
  }

  /** The text has ended; another may begin. */
  end(): void {
    this.#takeUpTo(this.#held, this.#held.length);
    if (this.#space) this.#emit(' ');
    this.#held = '';
    this.#space = false;
    this.#before = spacings.none;
  }

  /** Takes all items that begin before `to`, and gives where the last has ended. */
  #takeUpTo(text: string, to: number): number {
    let at = 0;
    while (at < to) {
      const end = itemEnd(text, at);
      this.#take(text.slice(at, end));
      at = end;
    }
    return at;
  }

  #take(item: string): void {
    const spacing = spacingOf(item);
    if (spacing === spacings.none) {
      if (item === ' ' && !this.#space && this.#before !== spacings.none) {
        this.#space = true;
        return;
      }
      if (this.#space) this.#emit(' ');
    } else if (spaced(this.#before, spacing) !== this.#space) this.#emit(this.#space ? ' ' : noSpace);
    this.#space = false;
    this.#before = spacing;
    this.#emit(item);
  }
}

/** The items that `wordVocabulary` cuts a text into: words, punctuation, and what is unusual in the white space between them. */
export function wordsOf(text: string): string[] {
  const found: string[] = [];
  const splitter = new WordSplitter((item) => found.push(item));
  splitter.push(text);
  splitter.end();
  return found;
}
