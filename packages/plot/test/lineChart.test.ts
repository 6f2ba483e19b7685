import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArgumentError } from '@tempograd/core/backend';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { lineChart, type LineChartOptions } from '../src/index.js';

const plain: LineChartOptions = {
  title: 'Loss',
  x: { label: 'updates' },
  y: { label: 'nats' },
  series: [{ name: 'LSTM', points: Array.from({ length: 5 }, (_, x) => [x, x * x]) }],
};

/** The elements of a picture that have this tag. */
function tags(svg: string, name: string): Element[] {
  return [...parseHTML(svg).document.querySelectorAll(name)];
}

/** The paths that are drawn of lines. */
function strokes(svg: string): string[] {
  return tags(svg, 'path').flatMap((path) => path.getAttribute('d') ?? []);
}

describe('a chart of lines', () => {
  test('stands alone: a title for readers of screens, no ids, no scripts, no addresses', () => {
    const svg = lineChart({ ...plain, subtitle: 'It falls & "falls" <again>' });
    const [root] = tags(svg, 'svg');
    expect(root?.getAttribute('role')).toBe('img');
    expect(root?.getAttribute('aria-label')).toBe('Loss. It falls & "falls" <again>');
    expect(tags(svg, 'title')[0]?.textContent).toBe('Loss');
    expect(svg).not.toMatch(/ id=|<script|href|url\(/);
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toContain('http');
  });

  test('is the same for the same data, and small', () => {
    expect(lineChart(plain)).toBe(lineChart(plain));
    expect(lineChart(plain).length).toBeLessThan(5000);
    expect(lineChart(plain)).not.toMatch(/\d\.\d{3,}/);
  });

  test('turns every colour it uses to dark paper', () => {
    const svg = lineChart(plain);
    const used = new Set(
      [...svg.matchAll(/(fill|stroke)="(#\w+)"/g)].map(([, name, colour]) => `[${name}='${colour}']`),
    );
    for (const selector of used) expect(svg).toContain(`${selector}{`);
    expect(used.size).toBeGreaterThan(4);
  });

  test('interrupts a line at NaN, and shows a point that stands alone', () => {
    const svg = lineChart({
      ...plain,
      series: [
        {
          name: 'a',
          points: [
            [0, 1],
            [1, NaN],
            [2, 3],
            [3, 4],
          ],
        },
      ],
    });
    expect(tags(svg, 'circle')).toHaveLength(1);
    expect(strokes(svg).filter((d) => /^M[^M]*L[^M]*$/.test(d) && !d.includes('NaN'))).not.toHaveLength(0);
    expect(svg).not.toContain('NaN');
  });

  test('leaves out what a logarithmic axis cannot show', () => {
    const points: [number, number][] = [
      [0, 1],
      [1, 0.1],
      [2, 0],
      [3, -1],
      [4, 0.001],
    ];
    const svg = lineChart({ ...plain, y: { label: 'norm', log: true }, series: [{ name: 'a', points }] });
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(svg).toContain('0.001');
  });

  test.each([
    ['no series', []],
    ['no points', [{ name: 'a', points: [] }]],
    [
      'one value',
      [
        {
          name: 'a',
          points: [
            [1, 5],
            [2, 5],
          ] as const,
        },
      ],
    ],
    [
      'nothing finite',
      [
        {
          name: 'a',
          points: [
            [NaN, 1],
            [2, Infinity],
          ] as const,
        },
      ],
    ],
    [
      'huge numbers',
      [
        {
          name: 'a',
          points: [
            [1e300, 1e-300],
            [1e301, 1e300],
          ] as const,
        },
      ],
    ],
  ])('is drawn of %s', (_, series) => {
    for (const log of [false, true]) {
      const svg = lineChart({ ...plain, x: { label: 'x', log }, y: { label: 'y', log }, series });
      expect(svg).toContain('</svg>');
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  test('draws bands, rules with words, and a legend where there are several lines', () => {
    const svg = lineChart({
      ...plain,
      series: [
        {
          name: 'one',
          points: [
            [0, 1],
            [1, 2],
          ],
          band: [
            [0, 0, 2],
            [1, 1, 3],
          ],
        },
        {
          name: 'two',
          points: [
            [0, 2],
            [1, 1],
          ],
          dashed: true,
        },
      ],
      rules: [{ x: 0.5, label: 'here' }, { y: 1.5 }],
    });
    const words = tags(svg, 'text').map(({ textContent }) => textContent);
    expect(words).toEqual(expect.arrayContaining(['one', 'two', 'here', 'updates', 'nats']));
    expect(svg).toContain('stroke-dasharray="5 4"');
    expect(svg).toContain('fill-opacity="0.18"');
  });

  test('writes the words of rules where no line passes', () => {
    const rising: [number, number][] = [
      [0, 0],
      [1, 1.9],
      [2, 2],
    ];
    const anchorOf = (points: [number, number][], rule: object): string | null | undefined =>
      tags(lineChart({ ...plain, series: [{ name: 'one', points }], rules: [{ ...rule, label: 'here' }] }), 'text')
        .find(({ textContent }) => textContent === 'here')
        ?.closest('g[text-anchor]')
        ?.getAttribute('text-anchor');
    expect(anchorOf(rising, { y: 2 })).toBe('start');
    expect(anchorOf(rising, { y: 0 })).toBe('end');
    expect(anchorOf([...rising, [0.1, 2]], { y: 2 })).toBe('end');
    // Above the frame, which begins lower for it.
    const topOf = (rules: { x: number; label?: string }[]): number =>
      Math.min(
        ...tags(lineChart({ ...plain, series: [{ name: 'one', points: rising }], rules }), 'line').map((line) =>
          Number(line.getAttribute('y1')),
        ),
      );
    expect(topOf([{ x: 1, label: 'here' }])).toBe(topOf([{ x: 1 }]) + 14);
  });

  test('thins lines of many points, and keeps their peaks', () => {
    const points = Array.from({ length: 100_000 }, (_, x): [number, number] => [x, x === 54_321 ? 7 : Math.sin(x)]);
    const svg = lineChart({ ...plain, series: [{ name: 'a', points }] });
    expect(svg.length).toBeLessThan(60_000);
    expect(tags(svg, 'text').map(({ textContent }) => textContent)).toContain('6');
  });

  test('shows a range at least that is asked for', () => {
    const words = tags(lineChart({ ...plain, y: { label: 'nats', range: [-100, 5] } }), 'text');
    expect(words.map(({ textContent }) => textContent)).toContain('−100');
  });

  test('keeps characters out that XML does not have', () => {
    expect(lineChart({ ...plain, title: 'a\u0000b\u001fc' })).toContain('<title>abc</title>');
  });
});

test.each([
  [{ series: [{ name: 'a', points: [[1]] }] }, 'series[0].points[0] must be [x, y], 2 numbers, but is [1].'],
  [{ series: [{ name: 'a', points: [[1, '2']] }] }, 'series[0].points[0] must be [x, y]'],
  [{ series: [{ name: 'a', points: [], band: [[1, 2]] }] }, 'series[0].band[0] must be [x, low, high]'],
  [{ series: [{ points: [] }] }, 'series[0].name is missing'],
  [{ series: [null] }, 'series[0] must be an object'],
  [{ rules: [{ z: 1 }] }, 'there is no option "rules[0].z"'],
  [{ x: { label: 'a', logarithmic: true } }, 'there is no option "x.logarithmic"'],
  [{ y: { label: 'a', range: [1] } }, 'y.range[0] must be [low, high], 2 numbers, but is [1].'],
  [{ width: 10 }, 'width must be from 120 to 10,000 pixels, but is 10.'],
  [{ height: NaN }, 'height must be from 120 to 10,000 pixels, but is NaN.'],
])('%j is refused in words', (wrong, message) => {
  const draw = (): string => lineChart({ ...plain, ...(wrong as object) });
  expect(draw).toThrow(ArgumentError);
  expect(draw).toThrow(message);
});

test('what bundlers for browsers take in the place of another file is there, and takes its place', () => {
  const root = join(import.meta.dirname, '..');
  const { browser } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    browser: Record<string, string>;
  };
  for (const file of Object.entries(browser).flat()) {
    const source = join(root, file.replace('./dist/', 'src/').replace(/\.js$/, '.ts'));
    expect(existsSync(source) && readFileSync(source, 'utf8')).toContain('export function newDocument(): Document');
  }
  expect(Object.keys(browser)).toHaveLength(1);
});
