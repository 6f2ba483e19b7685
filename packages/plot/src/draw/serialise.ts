/** Attributes that hold lengths, and paths: their numbers are rounded. */
const lengths = new Set(
  'd transform points width height viewBox r dx dy x y x1 x2 y1 y2 cx cy font-size stroke-width'.split(' '),
);

/**
 * A picture as XML that stands in a file and in a page alike, lengths rounded to a hundredth of a pixel. What a browser makes of it
 * by itself differs from what other documents make of it; this does not.
 */
export function serialise(element: Element): string {
  const attributes = [...element.attributes]
    .filter(({ name }) => name !== 'class' || element.tagName.toLowerCase() === 'svg')
    .map(({ name, value }) => ` ${name}="${escape(lengths.has(name) ? rounded(value) : value)}"`)
    .join('');
  const content = [...element.childNodes].map(serialiseNode).join('');
  const tag = element.tagName.toLowerCase();
  const name = camelCase.get(tag) ?? tag;
  return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
}

/** Tags that have capitals. */
const camelCase = new Map(['clipPath', 'linearGradient'].map((name) => [name.toLowerCase(), name]));

function serialiseNode(node: Node): string {
  // As numbers, since there is no global Node where there is no page.
  if (node.nodeType === 1) return serialise(node as Element);
  return node.nodeType === 3 ? escape(node.textContent ?? '') : '';
}

function rounded(text: string): string {
  return text.replaceAll(/-?\d*\.\d+(?:e[-+]?\d+)?/g, (number) => String(Math.round(Number(number) * 100) / 100));
}

/** Text in XML, without the characters that XML cannot hold. */
function escape(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- these are what is taken out
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}
