/**
 * What a JSON text says, without what `JSON.parse` lets pass: a key twice in one object, of which the first would be lost, and
 * nesting beyond `deepest`, which code that follows it could not.
 * @throws SyntaxError
 */
export function parseJson(text: string, deepest: number): unknown {
  /** For each object that is open its keys; null for a list. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : null);
      if (open.length > deepest) throw new SyntaxError(`it is nested more than ${deepest} deep at character ${at}`);
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keys && followedByColon(text, end)) addKey(keys, text.slice(at, end));
      at = end - 1;
    }
  }
  return JSON.parse(text);
}

/** Where the string that begins at `from` has ended. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function followedByColon(text: string, from: number): boolean {
  let at = from;
  while (at < text.length && ' \t\n\r'.includes(text[at] as string)) at++;
  return text[at] === ':';
}

function addKey(keys: Set<string>, quoted: string): void {
  const key = JSON.parse(quoted) as string;
  if (keys.has(key)) throw new SyntaxError(`it has the key ${shown(key)} twice`);
  keys.add(key);
}

/** A text from a file as it can stand in a message: quoted, and not longer than a line. */
export function shown(text: string): string {
  return JSON.stringify(text.length <= 100 ? text : `${text.slice(0, 100)}…`);
}
