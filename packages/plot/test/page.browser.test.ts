import { expect, test } from 'vitest';
import { creditPicture, lineChart } from '../src/index.js';

/** A picture as the page shows it. */
function shown(svg: string): SVGSVGElement {
  document.body.innerHTML = svg;
  return document.querySelector('svg') as SVGSVGElement;
}

test('a chart is drawn in the page, as XML too, and takes the room it says', () => {
  const svg = lineChart({
    title: 'Loss & more',
    x: { label: 'updates' },
    y: { label: 'nats' },
    series: [
      {
        name: 'a',
        points: [
          [0, 1],
          [1, 2],
        ],
      },
    ],
  });
  const xml = new DOMParser().parseFromString(svg, 'image/svg+xml');
  expect(xml.querySelector('parsererror')).toBeNull();
  expect(xml.documentElement.getAttribute('viewBox')).toBe(shown(svg).getAttribute('viewBox'));
  expect(shown(svg).getBoundingClientRect().width).toBeGreaterThan(300);
  expect(shown(svg).querySelector('title')?.textContent).toBe('Loss & more');
});

test('every word stands inside its picture', () => {
  const time = 24;
  const norms = Array.from({ length: time }, (_, s) =>
    Array.from({ length: time }, (__, t) => (t <= s ? 0.7 ** (s - t) : 0)),
  );
  const svg = creditPicture(norms, {
    mask: norms.map((row) => row.map((norm) => Number(norm > 0.1))),
    strategy: 'an update every eight steps, sixteen steps back',
  });
  const picture = shown(svg);
  const frame = picture.getBoundingClientRect();
  const words = [...picture.querySelectorAll('text')];
  expect(words.length).toBeGreaterThan(8);
  for (const word of words) {
    const { left, right, top, bottom } = word.getBoundingClientRect();
    expect(left).toBeGreaterThanOrEqual(frame.left);
    expect(right).toBeLessThanOrEqual(frame.right);
    expect(top).toBeGreaterThanOrEqual(frame.top);
    expect(bottom).toBeLessThanOrEqual(frame.bottom);
  }
});

test('on dark paper it is dark', () => {
  const svg = lineChart({ title: 'a', x: { label: 'x' }, y: { label: 'y' }, series: [] });
  const rules = shown(svg).querySelector('style')?.sheet?.cssRules[0] as CSSMediaRule;
  expect(rules.conditionText).toBe('screen and (prefers-color-scheme: dark)');
  expect(rules.cssRules.length).toBeGreaterThan(3);
});
