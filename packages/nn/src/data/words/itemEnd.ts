import { after, kindAt, kinds } from './wordCharacters.js';

/** Characters of a word without a mark in it, at most: no text is held for longer to find where an item ends. */
const longestRun = 64;

/** Marks that belong to a character, at most. */
const mostMarks = 16;

/** Code units from the beginning of an item that decide where it ends, at most. */
export const longestItem = 640;

const carriageReturn = 13;
const lineFeed = 10;
const joiner = 0x200d;

/** `<unk>`, `</s>`, `<|endoftext|>`. */
const name = /<\/?\|?\p{L}[\p{L}\p{N}_-]{0,30}\|?>/uy;

/**
 * Where the item of a text that begins at `at` has ended: a word or number (`don't`, `l’homme`, `3.14`), a name in angle brackets, a
 * picture with what belongs to it, `\r\n`, or any other character with its marks.
 */
export function itemEnd(text: string, at: number): number {
  switch (kindAt(text, at)) {
    case kinds.letter:
    case kinds.digit:
      return wordEnd(text, at);
    case kinds.space:
      return text.charCodeAt(at) === carriageReturn && text.charCodeAt(at + 1) === lineFeed ? at + 2 : at + 1;
    case kinds.flag: {
      const end = after(text, at);
      return kindAt(text, end) === kinds.flag ? after(text, end) : end;
    }
    case kinds.picture:
      return pictureEnd(text, at);
    default: {
      name.lastIndex = at;
      return text[at] === '<' && name.test(text) ? name.lastIndex : marksEnd(text, after(text, at));
    }
  }
}

function wordEnd(text: string, at: number): number {
  let end = runEnd(text, at);
  for (let parts = 1; parts < 4; parts++) {
    const next = kindAt(text, end + 1);
    const joins =
      next !== 0 &&
      (text[end] === "'" || text[end] === '’'
        ? next === kinds.letter || next === kinds.digit
        : (text[end] === '.' || text[end] === ',') && next === kinds.digit && endsInDigit(text, end));
    if (!joins) break;
    end = runEnd(text, end + 1);
  }
  return end;
}

function runEnd(text: string, at: number): number {
  let end = at;
  for (let length = 0; length < longestRun; length++) {
    const kind = kindAt(text, end);
    if (kind !== kinds.letter && kind !== kinds.digit) break;
    end = after(text, end);
  }
  return end;
}

function endsInDigit(text: string, end: number): boolean {
  const low = text.charCodeAt(end - 1);
  return kindAt(text, low >= 0xdc00 && low < 0xe000 ? end - 2 : end - 1) === kinds.digit;
}

function marksEnd(text: string, at: number): number {
  let end = at;
  for (let marks = 0; marks < mostMarks && isMark(text, end); marks++) end = after(text, end);
  return end;
}

function pictureEnd(text: string, at: number): number {
  let end = after(text, at);
  for (let parts = 0; parts < mostMarks; parts++) {
    if (isMark(text, end) || kindAt(text, end) === kinds.modifier) end = after(text, end);
    else if (text.charCodeAt(end) === joiner && kindAt(text, end + 1) === kinds.picture) end = after(text, end + 1);
    else break;
  }
  return end;
}

const mark = /^\p{M}/u;

function isMark(text: string, at: number): boolean {
  // Marks count as letters; before them in Unicode there are only ASCII and Latin.
  return text.charCodeAt(at) >= 0x300 && kindAt(text, at) === kinds.letter && mark.test(text.slice(at, at + 2));
}
