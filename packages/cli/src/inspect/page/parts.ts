import type { Finding } from '../Inspection.js';

/** Text in HTML. */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A figure that stands out: what it is of, the figure with its unit, and what it is to be compared with. */
export function tile(name: string, value: string, unit: string, note: string): string {
  return `<div class="card tile"><span>${escape(name)}</span><b>${escape(value)} <small>${escape(unit)}</small></b><i>${escape(note)}</i></div>`;
}

/** Marks of verdicts, and their names for those who do not see them. */
const marks: Readonly<Record<Finding['verdict'], readonly [mark: string, name: string]>> = {
  good: ['✓', 'good'],
  note: ['!', 'to note'],
  bad: ['✗', 'bad'],
};

export function finding({ verdict, title, detail, advice }: Finding): string {
  const [mark, name] = marks[verdict];
  const help = advice === null ? '' : `<p class="advice">${escape(advice)}</p>`;
  return `<li class="card ${verdict}"><span class="mark" role="img" aria-label="${name}">${mark}</span><div><h3>${escape(title)}</h3><p>${escape(detail)}</p>${help}</div></li>`;
}

/** A picture in a card of its own; nothing where there is none. */
export function figure(svg: string | null): string {
  return svg === null ? '' : `<figure class="card">${svg}</figure>`;
}

/** A table whose first column names its rows; the row called `own` stands out. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  own: string | null = null,
): string {
  const body = rows.map(
    ([first = '', ...rest]) =>
      `<tr${first === own ? ' class="own"' : ''}><th scope="row">${escape(first)}</th>${rest.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`,
  );
  return `<div class="card table"><table><thead><tr>${head.map((cell) => `<th scope="col">${escape(cell)}</th>`).join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

/** A section with its heading, a sentence or two, and what it shows; nothing where it shows nothing. */
export function section(title: string, words: string, content: string): string {
  return content === ''
    ? ''
    : `<section><h2>${escape(title)}</h2><p class="lead">${escape(words)}</p>${content}</section>`;
}

/** A page that needs nothing else; `body` is HTML, the title is text. */
export function page(title: string, style: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}
