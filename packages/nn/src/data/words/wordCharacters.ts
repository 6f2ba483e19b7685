/** What kinds of characters there are where a text is cut into words. */
export const kinds = {
  space: 1,
  /** Letters and marks. */
  letter: 2,
  digit: 3,
  /** Of scripts that put no spaces between words: each is an item. */
  unspaced: 4,
  /** Hyphens and dashes, slashes, straight quotes: close to what is on both sides. */
  close: 5,
  /** Opening brackets and quotes, `¿`, `$`, `#`. */
  opening: 6,
  /** Commas, full stops, closing brackets and quotes. */
  closing: 7,
  /** One of the two that make a flag. */
  flag: 8,
  /** What changes the picture before it. */
  modifier: 9,
  picture: 10,
  symbol: 11,
} as const;

/** One of `kinds`. */
export type CharacterKind = (typeof kinds)[keyof typeof kinds];

/** In the order in which they are asked; what is none of them is a symbol. */
const patterns: readonly (readonly [RegExp, CharacterKind])[] = [
  [/\s/u, kinds.space],
  [
    /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\u3000-\u303F\uFF00-\uFFEF]/u,
    kinds.unspaced,
  ],
  [/[\p{L}\p{M}]/u, kinds.letter],
  [/\p{N}/u, kinds.digit],
  [/[\p{Pd}\p{Pc}/\\"'`*~^|]/u, kinds.close],
  [/[\p{Ps}\p{Pi}\p{Sc}¿¡#@]/u, kinds.opening],
  [/[\p{Pe}\p{Pf}\p{Terminal_Punctuation}…%‰]/u, kinds.closing],
  [/\p{RI}/u, kinds.flag],
  [/\p{Emoji_Modifier}/u, kinds.modifier],
  [/\p{Emoji}/u, kinds.picture],
];

/** Of each code point its kind, as far as it was asked for; else 0. */
const known = new Uint8Array(0x110000);

/** The kind of the character that begins at a place in a text; 0 at its end. */
export function kindAt(text: string, at: number): CharacterKind | 0 {
  let code = text.charCodeAt(at);
  if (code >= 0xd800 && code < 0xdc00) code = text.codePointAt(at) as number;
  return ((known[code] as number) || ask(code)) as CharacterKind | 0;
}

function ask(code: number): CharacterKind | 0 {
  if (!(code >= 0)) return 0;
  const character = String.fromCodePoint(code);
  const kind = patterns.find(([pattern]) => pattern.test(character))?.[1] ?? kinds.symbol;
  known[code] = kind;
  return kind;
}

/** Where the character that begins at a place has ended. */
export function after(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code < 0xd800 || code >= 0xdc00) return at + 1;
  const next = text.charCodeAt(at + 1);
  return next >= 0xdc00 && next < 0xe000 ? at + 2 : at + 1;
}
