import { reportStyle } from './reportStyle.js';
import type { Cell } from './rows.js';

/** A page that needs nothing else; `body` is HTML, the title is text. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/** What the shades of fields mean. */
export const scale: string =
  '<p><span class="scale"><i class="s0">exact</i><i class="s1">&lt; 1%</i><i class="s2">&lt; 10%</i><i class="s3">&lt; 50%</i><i class="s4">&lt; 100%</i><i class="failed">failed</i></span></p>';

/** The class of a field by the share of its tolerance that an error uses. */
export function shade(worst: Cell['worst']): string {
  if (worst === null || worst.error === 0) return 's0';
  const share = worst.error / worst.tolerance;
  return share < 0.01 ? 's1' : share < 0.1 ? 's2' : share < 0.5 ? 's3' : 's4';
}

/** A message with the case's name, which it begins with, in bold. */
export function headed(name: string, message: string): string {
  return message.startsWith(name) ? `<b>${escape(name)}</b>${escape(message.slice(name.length))}` : escape(message);
}

/** Entries of a `<dl>`. */
export function pairs(entries: readonly (readonly [string, string])[]): string {
  return entries.map(([key, value]) => `<div><dt>${escape(key)}</dt><dd>${escape(value)}</dd></div>`).join('\n');
}

/** Text as HTML. */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
