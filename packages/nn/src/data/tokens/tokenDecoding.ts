import type { TextDecoding } from '../Vocabulary.js';

/** Numbers before the next that a tokenizer is shown, since a text may depend on what comes before it. */
const context = 8;

/** Numbers that are shown at once, at most. */
const mostShown = 64;

/** What stands for bytes that are no whole character. */
const replacement = '\uFFFD';

/** Text from a tokenizer's numbers one by one, going on after others: a character of several numbers comes with the last of them. */
export function tokenDecoding(
  decode: (ids: readonly number[]) => string | Uint8Array,
  after: ArrayLike<number>,
): TextDecoding {
  let shown = Array.from(after).slice(-context);
  /** Characters of the text of `shown` that were given out; null before the first number. */
  let given: number | null = null;
  let rest = '';
  /** For a tokenizer that gives bytes; null for one that gives text. */
  let bytes: TextDecoder | null = null;
  return {
    push(id) {
      if (given === null) {
        if (typeof decode([id]) !== 'string') bytes = new TextDecoder('utf-8', { ignoreBOM: true });
        given = shown.length === 0 || bytes !== null ? 0 : decode(shown).length;
      }
      if (bytes !== null) return bytes.decode(decode([id]) as Uint8Array<ArrayBuffer>, { stream: true });
      shown.push(id);
      const text = decode(shown) as string;
      const whole = text.endsWith(replacement) ? text.slice(0, -1) : text;
      const piece = whole.slice(given);
      given = Math.max(given, whole.length);
      rest = text.slice(given);
      if (shown.length > mostShown) {
        shown = shown.slice(-context);
        given = decode(shown).length - rest.length;
      }
      return piece;
    },
    end: () => bytes?.decode() ?? rest,
  };
}
