import type { Random } from '../Random.js';

/** What stands beside one another in no text that was thought of. */
const parts: readonly string[] = [
  "wood chuck don't l’homme a Ж ÅNGSTRÖM constructor __proto__ <unk> <|end|> </ 1.5 1,000 👩‍👩‍👧".split(' '),
  [...'    \n\r\t\u00A0\u2028\uFEFF\u0000.,…"\'“”()—-/_$<>3٣𝟗東京。「กำé\u0301🐋\u200D🏽\uFE0F🇩🇪𝒳'],
  ['w'.repeat(70), '\r\n', 'か\u3099', 'e\u0301'],
].flat();

/** A text of so many parts or more, in each of which one is repeated now and then. */
export function makeText(random: Random, length: number): string {
  let text = '';
  for (let at = 0; at < length; at++) {
    const part = random.next() < 0.1 ? characterOf(random) : random.pick(parts);
    text += random.next() < 0.002 ? part.repeat(random.whole(50, 3000)) : part;
  }
  return text;
}

/** Any character that Unicode has room for, no half of one. */
function characterOf(random: Random): string {
  const code = random.next() < 0.5 ? random.whole(0, 0x3000) : random.whole(0, 0x110000);
  return code >= 0xd800 && code < 0xe000 ? '\uFFFD' : String.fromCodePoint(code);
}
