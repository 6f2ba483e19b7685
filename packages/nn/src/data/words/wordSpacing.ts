import { kindAt, kinds } from './wordCharacters.js';

/** How an item of a text of words stands to its neighbours: whether a space is taken for granted on either side of it. */
export const spacings = {
  /** White space itself, or what says that there is none: nothing is added beside it. */
  none: 0,
  /** A space on both sides. */
  word: 1,
  /** A space before it. */
  opening: 2,
  /** A space after it. */
  closing: 3,
  /** None. */
  close: 4,
} as const;

/** One of `spacings`. */
export type Spacing = (typeof spacings)[keyof typeof spacings];

/** In the order of the kinds' numbers, the end of a text first. */
const ofKind = new Uint8Array(Object.keys(kinds).length + 1).fill(spacings.word);
ofKind[0] = spacings.none;
ofKind[kinds.space] = spacings.none;
ofKind[kinds.unspaced] = spacings.close;
ofKind[kinds.close] = spacings.close;
ofKind[kinds.opening] = spacings.opening;
ofKind[kinds.closing] = spacings.closing;

/** The spacing of an item, by its first character. */
export function spacingOf(item: string): Spacing {
  return ofKind[kindAt(item, 0)] as Spacing;
}

/** Whether a space is taken for granted between two neighbours. */
export function spaced(before: Spacing, next: Spacing): boolean {
  return (
    (before === spacings.word || before === spacings.closing) && (next === spacings.word || next === spacings.opening)
  );
}
